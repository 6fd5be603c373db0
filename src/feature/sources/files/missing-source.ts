import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { FtiError, nearest } from '../../../base/index.ts'
import { type FileSource, fileTypes, type Source } from '../../../contract/index.ts'
import type { Project } from '../../../project/index.ts'
import { featureErrors } from '../../errors.ts'

/** Where paths begin, and which other sources there are, where that is known. */
export type ProjectFolder = Pick<Project, 'directory'> & Partial<Pick<Project, 'sources'>>

/** An error for a source without a file, with what lies near where it should be. */
export async function missingSource(project: ProjectFolder, source: FileSource): Promise<FtiError> {
  const name = relative(project.directory, source.path)
  const isFolder = (await stat(source.path).catch(() => undefined))?.isDirectory()
  const hint = isFolder ? undefined : await nearby(source.path, ofOthers(project, source))
  const meant = hint === undefined ? '' : `did you mean '${relative(project.directory, hint)}'? `
  return new FtiError(featureErrors.FTI_SOURCE_MISSING, {
    message: isFolder
      ? `source '${source.name}' names a folder: ${name}`
      : `source '${source.name}' has no file: ${name}`,
    place: `sources.${source.name}.path`,
    remedy: isFolder
      ? `name the files in it with a pattern: ${name}/*.${source.type}`
      : `${meant}put the file there, or change sources.${source.name}.path`,
    data: { source: source.name, path: source.path },
  })
}

/** The file or folder whose name is nearest to the first part of the path that is not there; of a pattern what it says counts. */
async function nearby(path: string, isTaken: (path: string) => boolean): Promise<string | undefined> {
  const folder = dirname(path)
  const beside = await entries(folder)
  if (beside === undefined) return folder === path ? undefined : nearby(folder, isTaken)
  const free = new Map(
    beside.filter(({ name }) => !isTaken(join(folder, name))).map(({ name }) => [stemOf(name), name] as const),
  )
  const near = nearest(stemOf(basename(path).replace(/[*?[\]]+/g, '')), free.keys())
  return near === undefined ? undefined : join(folder, free.get(near) ?? near)
}

/** Endings that all names share would make any two of them look alike. */
function stemOf(name: string): string {
  return name.replace(/(?<=.)\.\w+(\.gz)?$/, '')
}

/** What other sources read is not what was meant. */
function ofOthers({ sources }: ProjectFolder, source: FileSource): (path: string) => boolean {
  const others = [...(sources?.values() ?? [])].filter(isFile).filter(({ name }) => name !== source.name)
  const patterns = others.map(
    ({ path }) =>
      new RegExp(
        `^${path
          .replace(/[.+^${}()|\\]/g, '\\$&')
          .replaceAll('*', '[^/]*')
          .replaceAll('?', '[^/]')}$`,
      ),
  )
  return (path) => patterns.some((pattern) => pattern.test(path))
}

async function entries(folder: string): Promise<Dirent[] | undefined> {
  const found = await readdir(folder, { withFileTypes: true }).catch(() => undefined)
  return found?.filter(({ name }) => !name.startsWith('.'))
}

function isFile(source: Source): source is FileSource {
  return fileTypes.some((type) => type === source.type)
}
