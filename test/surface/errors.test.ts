import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { errorsPage } from '../../scripts/reference.ts'
import { exitCode } from '../../src/base/index.ts'
import { errorCatalogueByRoom } from '../../src/cli/fate/error-catalogue.ts'

const root = join(import.meta.dirname, '../..')
const entries = Object.values(errorCatalogueByRoom).flatMap((catalogue) => Object.values(catalogue))

test('the reference page holds every code and no other; after a change run `npm run docs`', () => {
  const page = readFileSync(join(root, 'docs/reference/errors.md'), 'utf8')
  const documented = [...page.matchAll(/^\| `(FTI_\w+)`/gm)].map(([, code]) => code)
  expect(documented).toEqual(entries.map(({ code }) => code).sort())
  expect(page).toBe(errorsPage(errorCatalogueByRoom))
})

test('every room that has errors is in the catalogue', () => {
  const rooms = readdirSync(join(root, 'src')).filter((room) =>
    readdirSync(join(root, 'src', room), { recursive: true, encoding: 'utf8' }).some(
      (path) => basename(path) === 'errors.ts',
    ),
  )
  expect(Object.keys(errorCatalogueByRoom).sort()).toEqual(rooms.sort())
})

test('no two rooms use one code', () => {
  const codes = entries.map(({ code }) => code)
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([])
})

test('every entry has an exit code of the table and one sentence', () => {
  const exits = new Set<number>(Object.values(exitCode).filter((code) => code !== exitCode.done))
  const odd = entries.filter(({ exit, means }) => !exits.has(exit) || !/^[A-Z`].*\.$/s.test(means))
  expect(odd).toEqual([])
})

test('every code is thrown somewhere', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('errors.ts'))
    .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
    .join('\n')
  expect(entries.map(({ code }) => code).filter((code) => !new RegExp(`\\b${code}\\b`).test(sources))).toEqual([])
})
