import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { didYouMean, FtiError, isSystemError } from '../../base/index.ts'
import { projectErrors } from '../errors.ts'
import type { Project } from '../project.ts'

/** A file that holds a test case. */
export interface CaseFile {
  readonly group: string
  readonly name: string
  /** Absolute. */
  readonly path: string
}

/** The folder of a group's cases. */
export function caseFolder(project: Pick<Project, 'directory'>, group: string): string {
  return join(project.directory, 'tests', 'features', group)
}

/**
 * The files `tests/features/<group>/<case>.yaml` of these groups, in the order of the project file and by name.
 * Errors: FTI_CASE_INVALID for a folder that has the name of no group, which would never be run.
 */
export async function findCases(
  project: Pick<Project, 'directory' | 'groups'>,
  groups: readonly string[],
): Promise<CaseFile[]> {
  const root = caseFolder(project, '')
  const folders = await entries(root)
  const stray = folders.find((entry) => entry.isDirectory() && !project.groups.has(entry.name))
  if (stray !== undefined) {
    const place = relative(project.directory, join(root, stray.name))
    throw new FtiError(projectErrors.FTI_CASE_INVALID, {
      message: `${place} holds cases of '${stray.name}', which is no feature group of this project`,
      place,
      remedy: didYouMean(stray.name, project.groups.keys(), 'rename the folder, or remove it'),
    })
  }
  const loose = folders.find((entry) => isCase(entry.name))
  if (loose !== undefined) {
    const place = relative(project.directory, join(root, loose.name))
    throw new FtiError(projectErrors.FTI_CASE_INVALID, {
      message: `${place} is a case of no feature group`,
      place,
      remedy: 'move it into a folder with the name of its group',
    })
  }
  const found: CaseFile[] = []
  for (const group of groups) {
    const folder = caseFolder(project, group)
    const names = (await entries(folder)).map(({ name }) => name).filter(isCase)
    for (const name of names.sort()) found.push({ group, name: name.replace(ending, ''), path: join(folder, name) })
  }
  return found
}

const ending = /\.ya?ml$/

function isCase(name: string): boolean {
  return ending.test(name) && !name.startsWith('.')
}

async function entries(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}
