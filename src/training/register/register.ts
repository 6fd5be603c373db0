import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { storageError, withCleanUp } from '../../base/index.ts'
import type { Model } from '../../contract/index.ts'
import { openDraft } from '../../registry/index.ts'
import type { Report } from './report.ts'
import type { VersionContent } from './version-files.ts'

/** Makes a registered version of the files and returns its number. A failure leaves nothing behind. */
export async function register(
  registry: string,
  model: Model,
  files: VersionContent,
  report: Report,
  options: {
    readonly by: string
    readonly why?: string | undefined
    readonly now?: Date | undefined
    readonly signal?: AbortSignal | undefined
  },
): Promise<number> {
  const { by, why, now = new Date(), signal } = options
  const draft = await openDraft(registry, model.name)
  const write = async () => {
    for (const [name, bytes] of files) {
      await writeFile(join(draft.path, name), bytes).catch((error: unknown) => {
        throw storageError(error, draft.path)
      })
    }
    const metrics = Object.fromEntries(Object.entries(report.test.metrics).map(([name, { value }]) => [name, value]))
    const { version } = await draft.register({
      by,
      why,
      summary: {
        metrics,
        promotable: report.promotable,
        testRows: report.test.rows,
        weights: report.training.weightsDigest,
      },
      now,
      signal,
    })
    return version
  }
  return withCleanUp(write, () => draft.discard())
}
