import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FtiError, isSafeName, isSystemError, makeDirectory, removeDeadStaging, replaceFile } from '../../base/index.ts'
import { journalHead } from '../journal/journal.ts'
import { type ModelPaths, modelPaths } from '../layout.ts'
import { namesIn, readingError } from '../unreachable.ts'

/**
 * Makes the files in `tags/` say what the journal says; returns the names that differed. People and scripts read
 * them; fti never does. Of many writers at once the last one leaves them right, since each looks again after writing.
 */
export async function refreshTags(root: string, model: string): Promise<string[]> {
  const paths = modelPaths(root, model)
  await removeDeadStaging(paths.tags)
  const changed = new Set<string>()
  for (;;) {
    const head = await journalHead(root, model)
    const stale = await staleTags(paths, head.tags)
    for (const tag of stale) {
      changed.add(tag)
      await writeTag(paths, tag, head.tags[tag])
    }
    if (stale.length === 0) return [...changed]
  }
}

/** Tag files that differ from the journal's tags: another version, missing, or left over. */
export async function staleTags(paths: ModelPaths, tags: Readonly<Record<string, number>>): Promise<string[]> {
  const present = (await namesIn(paths.root, paths.tags)).filter(isSafeName)
  const names = [...new Set([...Object.keys(tags), ...present])].sort()
  const stale: string[] = []
  for (const name of names) {
    if ((await readTag(paths, name)) !== (Object.hasOwn(tags, name) ? `${tags[name]}\n` : undefined)) stale.push(name)
  }
  return stale
}

/** After the journal entry the decision stands; a cache that cannot be written now is rebuilt by the next command. */
export async function refreshTagsIfPossible(root: string, model: string): Promise<void> {
  try {
    await refreshTags(root, model)
  } catch (error) {
    if (!(error instanceof FtiError) && !isSystemError(error)) throw error
  }
}

async function readTag(paths: ModelPaths, tag: string): Promise<string | undefined> {
  try {
    return await readFile(join(paths.tags, tag), 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw readingError(paths.root, error)
  }
}

async function writeTag(paths: ModelPaths, tag: string, version: number | undefined): Promise<void> {
  if (version === undefined) return rm(join(paths.tags, tag), { force: true })
  await makeDirectory(paths.tags)
  await replaceFile(join(paths.tags, tag), `${version}\n`)
}
