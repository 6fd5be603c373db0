import { expect, test } from 'vitest'
import type { Project } from '../../src/project/index.ts'
import { failure, load } from './project-folder.ts'

const secrets = { PASSWORD: 'p@ss:w/rd', TOKEN: 'geheim' }

/** A project with one source `s`, as written in YAML between braces. */
function loadSource(source: string, env: NodeJS.ProcessEnv = secrets): Promise<Project> {
  return load(`project: p\nsources:\n  s: { ${source} }\n`, { env })
}

test('every kind of source is read with its defaults, and nothing is asked', async () => {
  const sources = [
    'type: http, url: "https://example.org/rows"',
    `type: http, url: "https://example.org/rows", format: csv, nulls: [NA], headers: { Authorization: "Bearer \${env:TOKEN}", Accept: text/csv }`,
    'type: http, url: "https://example.org/rows", records: data.items, paging: { cursor: meta.next }, requestsPerSecond: 0.5',
    `type: postgres, url: "postgres://me@db:5433/flights?sslmode=verify-full", password: "\${env:PASSWORD}", table: public.flights`,
    `type: postgres, url: "postgres://me:\${env:TOKEN}@db/flights", query: SELECT 1, timeout: 1h`,
    'type: sqlite, path: data/x.db, table: flights, types: { at: timestamp }, timeZone: UTC',
    'type: documents, path: docs, extensions: [.MD]',
    'type: delta, path: lake/flights',
    'type: exec, command: [python, fetch.py], output: parquet',
    'type: push, types: { id: string }',
  ]
  const types: unknown[] = []
  for (const source of sources) types.push((await loadSource(source)).sources.get('s')?.type)
  const expected = ['http', 'http', 'http', 'postgres', 'postgres', 'sqlite', 'documents', 'delta', 'exec', 'push']
  expect(types).toEqual(expected)
})

// biome-ignore format: one case a line
test.each([
  ['an unknown kind', 'type: postgress, path: x', 'VALUE', /one of csv, .*push, not postgress/, `did you mean 'postgres'?`],
  ['a kind by its name elsewhere', 'type: https, url: x', 'VALUE', /not https/, 'write http'],
  ['no kind', 'path: x', 'KEY_MISSING', /sources\.s has no 'type'/, /one of csv/],
  ['a kind that is not done yet', 'type: kafka, url: x', 'UNSUPPORTED', /kafka is not supported yet/, /type: exec/],
  ['a misspelt key', 'type: http, url: "http://h/x", recrods: x', 'KEY_UNKNOWN', /unknown key 'recrods'/, `did you mean 'records'?`],
  ['a key of another kind', 'type: sqlite, path: x, table: t, command: [x]', 'KEY_UNKNOWN', /unknown key 'command'/, /known/],
  ['no URL', 'type: http, url: example.org', 'VALUE', /not a URL of http:\/\/ or https:\/\//, /^write https/],
  ['another scheme', 'type: postgres, url: "mysql://h/x", table: t', 'VALUE', /not a URL of postgres/, /^write postgres/],
  ['neither table nor query', 'type: sqlite, path: x', 'KEY_MISSING', /none of table, query/, /^add/],
  ['table and query', 'type: sqlite, path: x, table: t, query: SELECT 1', 'CONFLICT', /exclude each other/, /^remove/],
  ['two ways to page', 'type: http, url: "http://h/x", paging: { next: a, page: b }', 'CONFLICT', /exclude each other/, /^remove/],
  ['no way to page', 'type: http, url: "http://h/x", paging: { first: 0 }', 'KEY_MISSING', /none of next/, /^add/],
  ['paging of JSON in CSV', 'type: http, url: "http://h/x", format: csv, paging: { next: a }', 'CONFLICT', /stands in a JSON answer/, /linkHeader/],
  ['records of CSV', 'type: http, url: "http://h/x", format: csv, records: a', 'CONFLICT', /is for json/, /^remove/],
  ['nulls of JSON', 'type: http, url: "http://h/x", nulls: [NA]', 'CONFLICT', /is for csv/, /^remove/],
  ['an empty command', 'type: exec, command: []', 'TYPE', /the program and its arguments/, /./],
  ['a command in one text', 'type: exec, command: ls -l', 'TYPE', /the program and its arguments/, /./],
  ['pushed rows without columns', 'type: push, types: {}', 'VALUE', /no columns/, /^write/],
  ['no types of pushed rows', 'type: push', 'KEY_MISSING', /no 'types'/, /./],
])('%s is refused', async (_what, source, code, message, remedy) => {
  const error = await failure(loadSource(source))
  expect(error.code).toBe(`FTI_PROJECT_${code}`)
  expect(error.message).toMatch(message)
  expect(error.remedy).toMatch(remedy)
})

test.each([
  ['a password', 'type: postgres, url: "postgres://me@db/x", table: t, password: hunter2'],
  ['a password of digits', 'type: postgres, url: "postgres://me@db/x", table: t, password: 123456789'],
  ['a password in a URL', 'type: postgres, url: "postgres://me:hunter2@db/x", table: t'],
  ['a header that holds a secret', 'type: http, url: "https://h/x", headers: { authorization: Bearer hunter2 }'],
  ['a key of an API', 'type: http, url: "https://h/x", headers: { X-Api-Key: hunter2 }'],
  ['a cookie', 'type: http, url: "https://h/x", headers: { Cookie: "session=hunter2" }'],
  ['a parameter of a URL', 'type: http, url: "https://h/x?token=hunter2"'],
])('%s in plain text is refused, and not repeated', async (_what, source) => {
  const error = await failure(loadSource(source))
  expect(error.code).toBe('FTI_PROJECT_SECRET')
  expect(JSON.stringify(error)).not.toMatch(/hunter2|123456789/)
})

test('a password of digits from the environment is a text', async () => {
  const text = `project: p\nsources:\n  s:\n    type: postgres\n    url: postgres://me@db/x\n    table: t\n    password: \${env:PIN}\n`
  const project = await load(text, { env: { PIN: '0123' } })
  expect(project.sources.get('s')).toMatchObject({ password: '0123' })
})
