import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const root = join(import.meta.dirname, '../..')
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>
}

test('the lock file holds every optional package, so that `npm ci` works on other platforms too', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !resolves(path, name))
      .map((name) => `${path || 'fti'} needs ${name}`),
  )
  expect(missing).toEqual([])
})

test('every package is locked by a digest', () => {
  const loose = Object.entries(packages).filter(([path, { integrity }]) => path !== '' && integrity === undefined)
  expect(loose.map(([path]) => path)).toEqual([])
})

/** As Node looks a package up: beside the one that needs it, then in every node_modules above. */
function resolves(from: string, name: string): boolean {
  for (let folder = from; ; folder = dirname(folder)) {
    if (packages[join(folder, 'node_modules', name)]?.version !== undefined) return true
    if (folder === '.' || folder === '') return packages[join('node_modules', name)]?.version !== undefined
  }
}
