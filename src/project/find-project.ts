import { access } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isSystemError } from '../base/index.ts'

export const projectFileName = 'fti.config.yaml'

/** The project file of a folder or the nearest one above it; undefined when there is none. */
export async function findProject(directory: string): Promise<string | undefined> {
  for (let folder = resolve(directory); ; folder = dirname(folder)) {
    const file = join(folder, projectFileName)
    if (await exists(file)) return file
    if (dirname(folder) === folder) return undefined
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if (isSystemError(error)) return false
    throw error
  }
}
