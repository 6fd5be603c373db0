import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** The git repository around a project: its root, and the project's folder inside it (`.` when they are the same). */
export function repositoryOf(directory: string): { readonly root: string; readonly subdirectory: string } {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return { root: folder, subdirectory: relative(folder, directory) || '.' }
    if (dirname(folder) === folder) return { root: directory, subdirectory: '.' }
  }
}
