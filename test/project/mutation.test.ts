import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { FtiError } from '../../src/base/index.ts'
import { loadProject } from '../../src/project/index.ts'
import { projectFile, reference } from './project-folder.ts'

async function outcome(text: string): Promise<string> {
  try {
    return (await loadProject({ file: projectFile(text), env: {} })).name
  } catch (error) {
    if (error instanceof FtiError) return `${error.code} ${error.place} ${error.remedy}`
    throw error
  }
}

const splice = fc.record({
  at: fc.nat(reference.length),
  remove: fc.nat(12),
  insert: fc.oneof(
    fc.constantFrom(
      ':',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '\n',
      '\t',
      '&a ',
      '*a',
      '!!x ',
      '? ',
      '|',
      '>',
      '#',
      `\${env:X}`,
      '<<: ',
      '\u0000',
      '---\n',
      '%',
    ),
    fc.string({ maxLength: 6, unit: 'binary' }),
  ),
})

test('a project file with random edits loads, or fails with a code, a place and a remedy', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(splice, { minLength: 1, maxLength: 4 }), async (edits) => {
      let text = reference
      for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove)
      const result = await outcome(text)
      if (result.startsWith('FTI_')) expect(result).toMatch(/^FTI_PROJECT_[A-Z_]+ \S+:\d+:\d+ ./)
    }),
    { numRuns: 100 },
  )
})

const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1e308,
    '',
    'x',
    '6h',
    [],
    {},
    [null],
    [[]],
    { a: { b: [1] } },
    `\${env:X}`,
    '__proto__',
    'constructor',
    'toString',
    `\${env:toString}`,
    { toString: 'toString' },
    'redis://a:b@c',
  ),
  fc.jsonValue({ maxDepth: 3 }),
)

test('a project file with any value in any place loads, or fails the same way', async () => {
  const paths = valuePaths()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), value, async (path, replacement) => {
      const document = parseDocument(reference)
      document.setIn(path, document.createNode(replacement))
      const result = await outcome(document.toString())
      if (result.startsWith('FTI_')) expect(result).toMatch(/^FTI_PROJECT_[A-Z_]+ \S+:\d+:\d+ ./)
    }),
    { numRuns: 150 },
  )
})

/** The path of every value in the reference. */
function valuePaths(): (string | number)[][] {
  const paths: (string | number)[][] = []
  const visit = (node: unknown, path: (string | number)[]): void => {
    if (path.length > 0) paths.push(path)
    if (Array.isArray(node)) for (const [i, item] of node.entries()) visit(item, [...path, i])
    else if (node !== null && typeof node === 'object')
      for (const [key, member] of Object.entries(node)) visit(member, [...path, key])
  }
  visit(parseDocument(reference).toJS(), [])
  return paths
}
