import { join } from 'node:path'
import { type ExitCode, FtiError } from '../../base/index.ts'
import type { Service } from '../../contract/index.ts'
import { keepCopy, readCopy, type VersionFiles } from '../../registry/index.ts'
import { acquireLock } from '../../runs/index.ts'
import { type ServedModel, servedFrom } from './served-model.ts'

/** Folder of the version that a service served last: `.fti/serving/<service>`. */
export function copiesOf(state: string, service: string): string {
  return join(state, 'serving', service)
}

const lockWaitMs = 5000

/** Keeps what a service serves, for a start at which the registry cannot give it. Errors: those of `keepCopy`, FTI_LOCKED. */
export async function keepLastGood(
  copies: string,
  files: VersionFiles,
  from: { readonly registry: string; readonly tag: string },
): Promise<void> {
  // Two servers of one service keep the same thing, yet not into each other's hands.
  const lock = await acquireLock(copies, 'keep', { command: 'fti serve', waitMs: lockWaitMs })
  try {
    await keepCopy(copies, files, { ...from, now: new Date() })
  } finally {
    await lock.release()
  }
}

/**
 * What the service served last, digests and golden rows checked as those of a registry are. Throws `error`, which the
 * registry gave, when nothing was kept for this model and tag; and when the copy is damaged, which is then said too.
 */
export async function loadLastGood(
  copies: string | undefined,
  { model, tag }: Pick<Service, 'model' | 'tag'>,
  error: FtiError,
): Promise<ServedModel> {
  if (copies === undefined) throw error
  try {
    const kept = await readCopy(copies)
    if (kept?.copy.model === model && kept.copy.tag === tag) return await servedFrom(kept.files, kept.copy.keptAt)
  } catch (damage) {
    throw withoutCopy(error, damage)
  }
  throw error
}

function withoutCopy(error: FtiError, damage: unknown): FtiError {
  const { code, exit, message, place, remedy, detail, data } = error
  const why = damage instanceof Error ? damage.message : String(damage)
  const at = damage instanceof FtiError && damage.place !== undefined ? ` (${damage.place})` : ''
  const lines = [detail, `the copy of what was served last cannot be used either: ${why}${at}`]
  const entry = { code: code as `FTI_${string}`, exit: exit as ExitCode, means: message }
  return new FtiError(entry, {
    ...{ message, place, remedy, data, cause: damage },
    detail: lines.filter((line) => line !== undefined).join('\n'),
  })
}
