import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { moveTag, openDraft } from '../../src/registry/index.ts'

/** Registers a version of `late_departure` whose signature reads a group, and tags it `champion`. */
export async function registerReader(
  registry: string,
  reads: { readonly group: string; readonly contractVersion: number; readonly pick: readonly string[] },
): Promise<void> {
  const now = new Date()
  const draft = await openDraft(registry, 'late_departure')
  await writeFile(join(draft.path, 'signature.json'), JSON.stringify({ format: 1, groups: [reads] }))
  const { version } = await draft.register({ by: 'test', summary: {}, now })
  await moveTag(registry, 'late_departure', { tag: 'champion', to: version, by: 'test', now })
}
