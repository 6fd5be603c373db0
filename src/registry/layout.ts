import { join } from 'node:path'
import { safeName } from '../base/index.ts'

/** Where a model's things lie: `registry/<model>/versions/<n>/`, `journal/<n>.json`, `tags/<tag>`. */
export interface ModelPaths {
  readonly root: string
  readonly model: string
  readonly home: string
  readonly versions: string
  readonly journal: string
  readonly tags: string
}

export function modelPaths(root: string, model: string): ModelPaths {
  const home = join(root, safeName(model, 'model'))
  return {
    root,
    model,
    home,
    versions: join(home, 'versions'),
    journal: join(home, 'journal'),
    tags: join(home, 'tags'),
  }
}

export function entryPath(paths: ModelPaths, entry: number): string {
  return join(paths.journal, `${entry}.json`)
}

export function versionPath(paths: ModelPaths, version: number): string {
  return join(paths.versions, String(version))
}

/** The number of a version folder or journal file; undefined for any other name, `007` and `.staging-…` included. */
export function numberIn(name: string, extension: '' | '.json'): number | undefined {
  if (!name.endsWith(extension)) return undefined
  const digits = name.slice(0, name.length - extension.length)
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : undefined
}
