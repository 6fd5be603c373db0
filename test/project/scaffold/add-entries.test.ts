import { expect, test } from 'vitest'
import { withEntries } from '../../../src/project/index.ts'

const source = { section: 'sources', name: 'b', value: { type: 'csv', path: 'data/b.csv' } } as const
const group = {
  section: 'featureGroups',
  name: 'g',
  value: { entity: 'e', availableAt: 't', features: { x: 'float64' } },
  remarks: { availableAt: 'assumed' },
} as const

const text = `project: p   # mine

sources:
  # the first
  a:  { type: csv, path: a.csv }   # kept

# about models
models: {}
`

test('an entry goes behind the last one of its section; every other line stays as it is', async () => {
  const added = '  b: { type: csv, path: data/b.csv }\n'
  expect(await withEntries(text, [source])).toBe(text.replace('# kept\n', `# kept\n${added}`))
})

test('a section that is not there is added at the end', async () => {
  const added = `
featureGroups:
  g:
    entity: e
    availableAt: t # assumed
    features:
      x: float64
`
  expect(await withEntries(text, [group])).toBe(`${text}${added}`)
  expect(await withEntries('project: p', [group])).toBe(`project: p\n${added}`)
})

test('indentation and line breaks are those of the section', async () => {
  const wide = 'project: p\r\nsources:\r\n    a: { type: csv, path: a.csv }\r\n'
  expect(await withEntries(wide, [source])).toBe(`${wide}    b: { type: csv, path: data/b.csv }\r\n`)
})

test('where a section is written in braces, comments survive all the same', async () => {
  const braces = '# top\nproject: p\nsources: { a: { type: csv, path: a.csv } } # all of them\n'
  const result = await withEntries(braces, [source])
  expect(result).toContain('# top\n')
  expect(result).toContain('# all of them')
  expect(result).toMatch(/b:\s*\{ type: csv, path: data\/b\.csv \}/)
})

test('values that YAML would take for something else are quoted', async () => {
  const odd = { section: 'sources', name: 'c', value: { type: 'csv', path: '#1: a.csv', delimiter: '\t' } } as const
  expect(await withEntries(text, [odd])).toContain(`  c: { type: csv, path: "#1: a.csv", delimiter: "\\t" }\n`)
})
