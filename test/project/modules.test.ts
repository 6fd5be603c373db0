import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { FtiError } from '../../src/base/index.ts'
import { bundleModule } from '../../src/project/index.ts'

const root = mkdtempSync(join(tmpdir(), 'fti-modules-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Writes files into a folder of their own; returns the path of `main.ts`. */
function files(contents: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, 'm-'))
  for (const [name, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return join(folder, 'main.ts')
}

async function refusal(path: string): Promise<FtiError> {
  try {
    await bundleModule(path)
  } catch (error) {
    if (error instanceof FtiError) return error
    throw error
  }
  throw new Error('it was bundled')
}

test('a module becomes one file that runs, with its imports and without its types', async () => {
  const path = files({
    'main.ts':
      "import { half } from './half.ts'\nexport default (row: { n: number }): { m: number } => ({ m: half(row.n) })\n",
    'half.ts': 'export const half = (n: number): number => n / 2\n',
  })
  const { code, digest } = await bundleModule(path)
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    default: (row: object) => object
  }
  expect(module.default({ n: 5 })).toEqual({ m: 2.5 })
  expect(digest).toMatch(/^[0-9a-f]{64}$/)
})

test('a package is bundled in', async () => {
  const path = files({
    'main.ts': "import twice from 'twice'\nexport default (row: { n: number }) => twice(row.n)\n",
    'node_modules/twice/package.json': '{"name":"twice","type":"module","exports":"./index.js"}',
    'node_modules/twice/index.js': 'export default (n) => 2 * n\n',
  })
  expect((await bundleModule(path)).code).toContain('2 * n')
})

test('the same files give the same bytes in another folder, under any tsconfig.json', async () => {
  const text = 'export default class { value?: number }\n'
  const first = await bundleModule(files({ 'main.ts': text }))
  const second = await bundleModule(
    files({ 'main.ts': text, 'tsconfig.json': '{"compilerOptions":{"target":"es5","useDefineForClassFields":false}}' }),
  )
  expect(second.digest).toBe(first.digest)
})

const body = 'export default () => 1\n'
test.each([
  ['a builtin of Node', `import fs from 'node:fs'\nexport default () => fs\n`, /imports 'node:fs'/, /main\.ts:1:16$/],
  [
    'a builtin without its prefix',
    `import { request } from 'http'\nexport default () => request\n`,
    /imports 'http'/,
    /:1:25$/,
  ],
  ['a required builtin', `${body}const os = require('os')\nconsole.log(os)\n`, /imports 'os'/, /:2:20$/],
  [
    'an import from the network',
    `import x from 'https://example.com/x.js'\nexport default () => x\n`,
    /not a file/,
    /:1:15$/,
  ],
  ['an import computed at run time', `${body}export const f = (name: string) => import(name)\n`, /import/, /:2:/],
  ['eval', `${body}export const f = (code: string) => eval(code)\n`, /eval/, /:2:/],
  [
    'a package that is not installed',
    `import x from 'no-such-package'\nexport default () => x\n`,
    /Could not resolve/,
    /:1:15$/,
  ],
  ['a syntax error', 'export default (\n', /cannot be bundled/, /:2:1$/],
  ['no default export', 'export const f = 1\n', /no default export/, /main\.ts$/],
])('refuses %s, with its place', async (_what, text, message, place) => {
  const error = await refusal(files({ 'main.ts': text }))
  expect(error.code).toBe('FTI_MODULE_INVALID')
  expect(error.message).toMatch(message)
  expect(error.place).toMatch(place)
})

test.each([
  ['export default (row) => ({ m: row. })\n', /^correct the module at the marked place/],
  ["import { a } from './half.ts'\nexport default () => a\n", /^correct the path '.\/half.ts'/],
  ["import a from 'left-pad'\nexport default () => a\n", /npm install left-pad/],
  ["import fs from 'node:fs'\nexport default () => fs\n", /remove what reaches outside the module/],
  ['export default (code: string) => eval(code)\n', /remove what reaches outside the module/],
])('says how to correct %j', async (text, remedy) => {
  expect((await refusal(files({ 'main.ts': text }))).remedy).toMatch(remedy)
})

test('a syntax error has its line, the message and a mark below the line', async () => {
  const error = await refusal(files({ 'main.ts': 'export default (row) =>\n  ({ m: row. })\n' }))
  expect(error.message).toMatch(/cannot be bundled: Expected identifier but found "}"$/)
  expect(error.place).toMatch(/main\.ts:2:14$/)
  expect(error.detail).toMatch(/2 \| {3}\(\{ m: row\. \}\)\n {17}\^$/)
})

test('refuses a package that reaches for a builtin', async () => {
  const error = await refusal(
    files({
      'main.ts': "import x from 'impure'\nexport default () => x\n",
      'node_modules/impure/package.json': '{"name":"impure","main":"index.js"}',
      'node_modules/impure/index.js': "module.exports = require('child_process')\n",
    }),
  )
  expect(error.place).toMatch(/node_modules\/impure\/index\.js:1:26$/)
})

test('refuses a file that is absent', async () => {
  expect((await refusal(join(root, 'absent.ts'))).message).toContain('there is no file')
})
