import { stat } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { baseErrors, digestOf, FtiError, isSystemError, sha256File } from '../../../base/index.ts'
import type { FileSource } from '../../../contract/index.ts'
import { type Engine, quoteText } from '../../../engine/index.ts'
import { featureErrors } from '../../errors.ts'
import { missingSource, type ProjectFolder } from './missing-source.ts'

export interface SourceFile {
  readonly path: string
  /** As people know it: relative to the project. */
  readonly name: string
  readonly bytes: number
  readonly sha256: string
  /** Size, times and inode: as long as it stays, so do the bytes. */
  readonly stamp: string
}

/** The files of a source at one moment, and what identifies their content. */
export interface SourceFiles {
  /** The source as its files are read: one that was fetched is here what its files are. */
  readonly source: FileSource
  readonly files: readonly SourceFile[]
  /** SELECT over the files where DuckDB's reader of their format is not enough. */
  readonly relation?: string | undefined
  /** The declared types are all the columns: another is refused, and one that no row has is null. */
  readonly isStrict?: boolean | undefined
  /** That there is no row now is no mistake. */
  readonly mayBeEmpty?: boolean | undefined
  /** Equal for equal files under equal names, wherever the project lies. */
  readonly digest: string
}

/** Files that this run has hashed already, by path: several groups read one source. */
export type HashedFiles = Map<string, SourceFile>

/** The folder that the engine must be allowed to read for this source. */
export function sourceFolder(source: FileSource): string {
  return dirname(source.path.replace(/[*?[{].*$/, 'x'))
}

/** Lists the files of a source and hashes their bytes. */
export async function readSourceFiles(
  engine: Engine,
  project: ProjectFolder,
  source: FileSource,
  hashed: HashedFiles = new Map(),
): Promise<SourceFiles> {
  const paths = await listSourceFiles(engine, project, source)
  const files = await hashFiles(project, source, paths, hashed)
  const digest = digestOf(files.map((file) => [relative(sourceFolder(source), file.path), file.sha256]))
  return { source, files, digest }
}

/** The paths of a source's files, sorted; an error when there is none. */
export async function listSourceFiles(engine: Engine, project: ProjectFolder, source: FileSource): Promise<string[]> {
  // A path that names a file is that file, though `flights[1].csv` could also be a pattern.
  if ((await stat(source.path).catch(() => undefined))?.isFile()) return [source.path]
  const found = await engine.rows<{ file: string }>(`SELECT file FROM glob(${quoteText(source.path)}) ORDER BY file`)
  if (found.length === 0) throw await missingSource(project, source)
  return found.map(({ file }) => file)
}

/** More would not be faster on one disk, and each holds a buffer. */
const hashedAtOnce = 4

async function hashFiles(
  project: ProjectFolder,
  source: FileSource,
  paths: readonly string[],
  hashed: HashedFiles,
): Promise<SourceFile[]> {
  const files: SourceFile[] = []
  const queue = paths.entries()
  const work = async () => {
    for (const [index, path] of queue)
      files[index] = await hashFile(relative(project.directory, path), path, source, hashed)
  }
  await Promise.all(Array.from({ length: hashedAtOnce }, work))
  return files
}

async function hashFile(name: string, path: string, source: FileSource, hashed: HashedFiles): Promise<SourceFile> {
  try {
    // Before the hash, so that a change while it is taken shows.
    const { stamp, bytes } = await stampOf(path)
    const known = hashed.get(path)
    if (known?.stamp === stamp) return known
    const file = { path, name, bytes, sha256: await sha256File(path), stamp }
    hashed.set(path, file)
    return file
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) throw sourceChanged(source, name)
    if (!isSystemError(error, 'EACCES', 'EPERM')) throw error
    throw new FtiError(baseErrors.FTI_NO_PERMISSION, {
      message: `no permission to read a file of source '${source.name}'`,
      place: name,
      remedy: 'give this user read access to the file',
      cause: error,
    })
  }
}

async function stampOf(path: string): Promise<{ stamp: string; bytes: number }> {
  const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true })
  return { stamp: [size, mtimeNs, ctimeNs, ino].join('-'), bytes: Number(size) }
}

/** A file whose bytes something else identifies, such as the log of its table. */
export async function stampedFile(source: Pick<FileSource, 'name'>, path: string, name: string): Promise<SourceFile> {
  try {
    return { path, name, sha256: '', ...(await stampOf(path)) }
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) throw sourceChanged(source, name)
    throw error
  }
}

/** A file that fti itself has fetched, under the name that people know it by. */
export async function spooledFile(path: string, name: string): Promise<SourceFile> {
  const { stamp, bytes } = await stampOf(path)
  return { path, name, bytes, sha256: await sha256File(path), stamp }
}

/** Fails when a file is not the one that was hashed: its rows would belong to no fingerprint. */
export async function checkUnchanged(all: readonly SourceFiles[]): Promise<void> {
  for (const { source, files } of all) {
    for (const file of files) {
      const now = await stampOf(file.path).catch(() => undefined)
      if (now?.stamp === file.stamp || (now && (await sha256File(file.path)) === file.sha256)) continue
      throw sourceChanged(source, file.name)
    }
  }
}

export function sourceChanged(source: Pick<FileSource, 'name'>, name: string): FtiError {
  return new FtiError(featureErrors.FTI_SOURCE_CHANGED, {
    message: `source '${source.name}' changed while it was read`,
    place: name,
    remedy: 'run the command again once it is complete; nothing was committed',
  })
}
