import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exists, projectFileName } from '../find-project.ts'

/** A whole project that `fti init` can copy. */
export interface Template {
  readonly name: string
  /** One line for a person who chooses. */
  readonly description: string
  readonly path: string
}

/** The templates that come with this installation, by name. */
export async function listTemplates(): Promise<Template[]> {
  // The same two steps up from src/project and from dist/project.
  const folder = fileURLToPath(new URL('../../../templates', import.meta.url))
  const templates: Template[] = []
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (!entry.isDirectory() || !(await exists(join(path, projectFileName)))) continue
    templates.push({ name: entry.name, description: await readDescription(path), path })
  }
  return templates
}

/** The first line of prose in the template's README. */
async function readDescription(path: string): Promise<string> {
  const lines = (await readFile(join(path, 'README.md'), 'utf8')).split('\n')
  return lines.find((line) => line.trim() !== '' && !line.startsWith('#')) ?? ''
}
