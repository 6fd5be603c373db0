import { stat } from 'node:fs/promises'
import { isSystemError } from '../../base/index.ts'
import { entryPath, type ModelPaths, modelPaths } from '../layout.ts'
import { readingError, requireRegistry, unreachable } from '../unreachable.ts'
import { entryNumbers } from './journal.ts'

/** Tells cheaply whether a model's journal has grown. */
export interface HeadWatch {
  /**
   * Number of the newest entry now; two `stat` calls when nothing happened, so it may be asked several times a second.
   * Errors: FTI_REGISTRY_UNREACHABLE when the registry, or a journal that was there before, cannot be seen; the next
   * call tries again.
   */
  poll(): Promise<number>
}

export function watchHead(root: string, model: string): HeadWatch {
  const paths = modelPaths(root, model)
  let known: number | undefined
  return {
    poll: async () => {
      if (known === undefined || (await hasChanged(paths, known))) known = await newestEntry(paths, known ?? 0)
      return known
    },
  }
}

/** The newest known entry is gone (unmounted, or another registry in its place), or there is one after it. */
async function hasChanged(paths: ModelPaths, known: number): Promise<boolean> {
  return (known > 0 && !(await exists(paths, known))) || (await exists(paths, known + 1))
}

async function newestEntry(paths: ModelPaths, before: number): Promise<number> {
  await requireRegistry(paths.root)
  const newest = (await entryNumbers(paths)).at(-1) ?? 0
  // A journal never becomes empty: what was there is out of sight, not undone.
  if (newest === 0 && before > 0) throw unreachable(paths.root, undefined)
  return newest
}

async function exists(paths: ModelPaths, entry: number): Promise<boolean> {
  try {
    await stat(entryPath(paths, entry))
    return true
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false
    throw readingError(paths.root, error)
  }
}
