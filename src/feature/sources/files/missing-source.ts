import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { FtiError, nearest } from '../../../base/index.ts'
import type { FileSource } from '../../../contract/index.ts'
import type { Project } from '../../../project/index.ts'
import { featureErrors } from '../../errors.ts'

/** An error for a source without a file, with what lies near where it should be. */
export async function missingSource(project: Pick<Project, 'directory'>, source: FileSource): Promise<FtiError> {
  const name = relative(project.directory, source.path)
  const isFolder = (await stat(source.path).catch(() => undefined))?.isDirectory()
  const hint = isFolder ? undefined : await nearby(source.path)
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
async function nearby(path: string): Promise<string | undefined> {
  const folder = dirname(path)
  const beside = await entries(folder)
  if (beside === undefined) return folder === path ? undefined : nearby(folder)
  const near = nearest(
    basename(path).replace(/[*?[\]]+/g, ''),
    beside.map(({ name }) => name),
  )
  return near === undefined ? undefined : join(folder, near)
}

async function entries(folder: string): Promise<Dirent[] | undefined> {
  const found = await readdir(folder, { withFileTypes: true }).catch(() => undefined)
  return found?.filter(({ name }) => !name.startsWith('.'))
}
