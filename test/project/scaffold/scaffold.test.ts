import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listTemplates, loadProject, scaffold } from '../../../src/project/index.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'fti-scaffold-'))

test('the templates that ship are flights, minimal and empty, each with a line for a person who chooses', async () => {
  const templates = await listTemplates()
  expect(templates.map(({ name }) => name)).toEqual(['flights', 'minimal', 'empty'])
  for (const { description } of templates) expect(description).toMatch(/^\w.{20,200}$/)
})

test('a folder that does not exist yet is made, with its parents, and holds a project of its name', async () => {
  const directory = join(folder(), 'a/b/My Bikes')
  const made = await scaffold({ template: 'minimal', directory })
  expect(made).toMatchObject({ directory, name: 'my-bikes', template: 'minimal' })
  expect((await loadProject({ directory, checkFiles: true })).name).toBe('my-bikes')
  expect(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))).toMatchObject({ name: 'my-bikes' })
  for (const file of made.files) expect(existsSync(join(directory, file)), file).toBe(true)
  expect(made.files).toContain('.gitignore')
  expect(made.files.filter((file) => file.endsWith('.tmpl'))).toEqual([])
})

test('an empty folder stays the folder it is, even with a fresh .git in it', async () => {
  const directory = folder()
  mkdirSync(join(directory, '.git'))
  const { ino } = statSync(directory)
  const made = await scaffold({ template: 'minimal', directory, name: 'bikes' })
  expect(statSync(directory).ino).toBe(ino)
  const expected = [...new Set(made.files.map((file) => file.split('/')[0])), '.git'].sort()
  expect(readdirSync(directory).sort()).toEqual(expected)
  expect((await loadProject({ directory })).name).toBe('bikes')
})

test('what `npm install fti` leaves may be there: its package.json keeps what it says and gets what is missing', async () => {
  const directory = folder()
  const theirs = { name: 'mine', dependencies: { fti: 'file:../fti.tgz', left: '1' }, scripts: { lint: 'true' } }
  writeFileSync(join(directory, 'package.json'), JSON.stringify(theirs))
  writeFileSync(join(directory, 'package-lock.json'), '{}')
  mkdirSync(join(directory, 'node_modules/fti'), { recursive: true })
  const made = await scaffold({ template: 'minimal', directory, name: 'bikes' })
  expect(made.addedToPackage).toEqual(['private', 'type', 'scripts.test'])
  expect(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))).toEqual({
    ...theirs,
    private: true,
    type: 'module',
    scripts: { lint: 'true', test: expect.stringContaining('fti check') },
  })
  expect(existsSync(join(directory, 'node_modules/fti'))).toBe(true)
  expect((await loadProject({ directory, checkFiles: true })).name).toBe('bikes')
})

test("npm's note that there is no test is no test", async () => {
  const directory = folder()
  const script = 'echo "Error: no test specified" && exit 1'
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'commonjs', scripts: { test: script } }))
  expect((await scaffold({ template: 'minimal', directory })).addedToPackage).toEqual([
    'private',
    'scripts.test',
    'dependencies.fti',
  ])
})

test('a package.json that is no JSON stays as it is', async () => {
  const directory = folder()
  writeFileSync(join(directory, 'package.json'), '{ broken')
  const made = await scaffold({ template: 'minimal', directory })
  expect(made.addedToPackage).toBeNull()
  expect(made.files).not.toContain('package.json')
  expect(readFileSync(join(directory, 'package.json'), 'utf8')).toBe('{ broken')
})

test('the JSON Schema for editors lies where the project file says', async () => {
  const directory = join(folder(), 'p')
  await scaffold({ template: 'minimal', directory })
  const [, path] = /\$schema=(\S+)/.exec(readFileSync(join(directory, 'fti.config.yaml'), 'utf8')) ?? []
  expect(JSON.parse(readFileSync(join(directory, path ?? ''), 'utf8'))).toMatchObject({ title: 'fti project file' })
})

test('an unknown template is refused with the name that was meant, and nothing is made', async () => {
  const directory = join(folder(), 'p')
  await expect(scaffold({ template: 'flight', directory })).rejects.toMatchObject({
    code: 'FTI_TEMPLATE_UNKNOWN',
    exit: 2,
    remedy: expect.stringContaining("did you mean 'flights'?"),
  })
  expect(existsSync(directory)).toBe(false)
})

test('a template is a name, never a path', async () => {
  const directory = join(folder(), 'p')
  await expect(scaffold({ template: '../templates/minimal', directory })).rejects.toMatchObject({
    code: 'FTI_TEMPLATE_UNKNOWN',
  })
})

test('a folder that is not empty is refused and stays as it is', async () => {
  const directory = folder()
  writeFileSync(join(directory, 'notes.txt'), 'mine')
  await expect(scaffold({ template: 'minimal', directory })).rejects.toMatchObject({
    code: 'FTI_FOLDER_NOT_EMPTY',
    exit: 2,
    place: directory,
    detail: 'it holds notes.txt',
  })
  expect(readdirSync(directory)).toEqual(['notes.txt'])
})

test('a file in place of the folder is refused, as the folder and as its parent', async () => {
  const file = join(folder(), 'p')
  writeFileSync(file, 'mine')
  const refused = { code: 'FTI_FOLDER_NOT_EMPTY', message: expect.stringContaining('is not a folder') }
  await expect(scaffold({ template: 'minimal', directory: file })).rejects.toMatchObject(refused)
  await expect(scaffold({ template: 'minimal', directory: join(file, 'q') })).rejects.toMatchObject(refused)
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

test('a name that is not safe in a path is refused before anything is written', async () => {
  const parent = folder()
  const directory = join(parent, 'p')
  await expect(scaffold({ template: 'minimal', directory, name: '../x' })).rejects.toMatchObject({
    code: 'FTI_NAME_UNSAFE',
  })
  expect(readdirSync(parent)).toEqual([])
})

test('of two at once in one empty folder at most one project comes out, and it is whole', async () => {
  const directory = folder()
  const outcomes = await Promise.allSettled([1, 2].map(() => scaffold({ template: 'minimal', directory })))
  const made = outcomes.filter(({ status }) => status === 'fulfilled').length
  expect(made).toBeLessThanOrEqual(1)
  if (made === 1) await loadProject({ directory, checkFiles: true })
  else expect(readdirSync(directory)).toEqual([])
})

test('what a killed scaffold left is cleaned up by the next one', async () => {
  const directory = folder()
  const left = join(directory, '.staging-20200101t000000-dead')
  mkdirSync(left)
  writeFileSync(join(left, 'README.md'), 'half')
  await scaffold({ template: 'minimal', directory })
  expect(existsSync(left)).toBe(false)
})
