import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a new project needs to know of the fti that makes it. */
export interface OwnDependency {
  readonly version: string
  /** How a package.json names this very fti: a range, or the file or folder that it was installed from. */
  readonly spec: string
}

/** A range helps only where a package registry has it, so a project names fti the way in which it came here. */
export async function ownDependency(
  root = fileURLToPath(new URL('../../..', import.meta.url)),
): Promise<OwnDependency> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const parent = dirname(resolve(root))
  // A checkout: the new project links to it.
  if (basename(parent) !== 'node_modules') return { version, spec: `file:${resolve(root)}` }
  const spec = await installedAs(dirname(parent))
  return { version, spec: spec ?? `^${version}` }
}

/** What the package that depends on fti wrote down; undefined for a global installation. */
async function installedAs(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}')
  const { dependencies, devDependencies } = JSON.parse(text) as Record<string, Record<string, string> | undefined>
  const spec = { ...devDependencies, ...dependencies }['fti']
  return spec?.startsWith('file:') ? `file:${resolve(folder, spec.slice('file:'.length))}` : spec
}
