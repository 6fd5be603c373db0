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

/** The templates that come with this installation: those that run at once by name, and then the empty one. */
export async function listTemplates(): Promise<Template[]> {
  // As many steps up from src as from dist.
  const folder = fileURLToPath(new URL('../../../templates', import.meta.url))
  const templates: Template[] = []
  const isEmpty = (name: string) => name === 'empty'
  const entries = (await readdir(folder, { withFileTypes: true })).sort(
    (a, b) => Number(isEmpty(a.name)) - Number(isEmpty(b.name)) || (a.name < b.name ? -1 : 1),
  )
  for (const entry of entries) {
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
