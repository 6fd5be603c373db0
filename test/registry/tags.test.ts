import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseVersionSelector } from '../../src/contract/index.ts'
import {
  journalHead,
  listVersions,
  moveTag,
  readJournal,
  recordRefusal,
  refreshTags,
  resolveVersion,
  rollbackTag,
  tagsAt,
} from '../../src/registry/index.ts'
import { register, registryWith, temporaryFolder, who } from './fixture.ts'

const champion = { ...who, tag: 'champion' }
const resolve = (root: string, text: string) => resolveVersion(root, parseVersionSelector(text))

test('rolling back walks back through the journal and never toggles', async () => {
  const root = await registryWith(3)
  for (const to of [1, 2, 3]) await moveTag(root, 'late', { ...champion, to })
  expect(await rollbackTag(root, 'late', champion)).toMatchObject({ kind: 'rollback', version: 2, from: 3 })
  expect(await rollbackTag(root, 'late', champion)).toMatchObject({ version: 1, from: 2 })
  await expect(rollbackTag(root, 'late', champion)).rejects.toMatchObject({ code: 'FTI_NOTHING_TO_ROLL_BACK', exit: 1 })
  expect((await journalHead(root, 'late')).tags).toEqual({ champion: 1 })
})

test('a promotion after a rollback goes on from where the tag is', async () => {
  const root = await registryWith(3)
  for (const to of [1, 2]) await moveTag(root, 'late', { ...champion, to })
  await rollbackTag(root, 'late', champion)
  await moveTag(root, 'late', { ...champion, to: 3 })
  expect(await rollbackTag(root, 'late', champion)).toMatchObject({ version: 1 })
})

test('a move that expects another version than the tag names is refused, and nothing changes', async () => {
  const root = await registryWith(3)
  await moveTag(root, 'late', { ...champion, to: 1, expect: null })
  await expect(moveTag(root, 'late', { ...champion, to: 3, expect: 2 })).rejects.toMatchObject({
    code: 'FTI_REGISTRY_CONFLICT',
    exit: 4,
    data: { tag: 'champion', expected: 2, found: 1 },
  })
  await expect(moveTag(root, 'late', { ...champion, to: 3, expect: null })).rejects.toMatchObject({
    code: 'FTI_REGISTRY_CONFLICT',
  })
  expect(await moveTag(root, 'late', { ...champion, to: 3, expect: 1 })).toMatchObject({ from: 1, version: 3 })
  await expect(rollbackTag(root, 'late', { ...champion, expect: 1 })).rejects.toMatchObject({ exit: 4 })
})

test('moving a tag to where it is writes nothing and returns the entry that put it there', async () => {
  const root = await registryWith(2)
  const first = await moveTag(root, 'late', { ...champion, to: 2, why: 'better' })
  expect(await moveTag(root, 'late', { ...champion, by: 'bo', to: 2 })).toEqual(first)
  expect(await readJournal(root, 'late')).toHaveLength(3)
})

test('candidate is the newest registered version and cannot be moved', async () => {
  const root = await registryWith(2)
  expect(await resolve(root, 'late@candidate')).toBe(2)
  await register(root)
  expect(await resolve(root, 'late@candidate')).toBe(3)
  for (const tag of ['candidate', '7']) {
    const fixed = { code: 'FTI_TAG_FIXED', exit: 2 }
    await expect(moveTag(root, 'late', { ...who, tag, to: 1 })).rejects.toMatchObject(fixed)
    await expect(rollbackTag(root, 'late', { ...who, tag })).rejects.toMatchObject(fixed)
  }
})

test('unknown models, versions and tags are named, with what was probably meant', async () => {
  const root = await registryWith(1)
  await moveTag(root, 'late', { ...champion, to: 1 })
  const expected = [
    ['late@champoin', 'FTI_TAG_UNKNOWN', "did you mean 'champion'?"],
    ['late@9', 'FTI_VERSION_UNKNOWN', 'newest: 1'],
    ['lat@champion', 'FTI_MODEL_UNKNOWN', "did you mean 'late'?"],
  ] as const
  for (const [text, code, remedy] of expected) {
    const error = await resolve(root, text).catch((e: unknown) => e)
    expect(error).toMatchObject({ code, exit: 2 })
    expect((error as { remedy: string }).remedy).toContain(remedy)
  }
  expect(await resolve(root, 'late')).toBe(1)
})

test('a refusal is in the journal with its gates and moves nothing', async () => {
  const root = await registryWith(2)
  await moveTag(root, 'late', { ...champion, to: 1 })
  const gates = [{ metric: 'auc', value: 0.6, passed: false }]
  await recordRefusal(root, 'late', { ...champion, version: 2, why: 'auc 0.6 < 0.72', gates })
  expect((await readJournal(root, 'late')).at(-1)).toMatchObject({ kind: 'refusal', version: 2, from: 1, gates })
  expect((await journalHead(root, 'late')).tags).toEqual({ champion: 1 })
  await expect(rollbackTag(root, 'late', champion)).rejects.toMatchObject({ code: 'FTI_NOTHING_TO_ROLL_BACK' })
})

test('what a tag named on a day can be asked, even when a clock once ran ahead', async () => {
  const root = await registryWith(3)
  const day = (text: string) => new Date(`2027-${text}T00:00:00Z`)
  for (const [to, at] of [
    [1, '03-01'],
    [2, '08-15'],
    [3, '04-01'],
  ] as const) {
    await moveTag(root, 'late', { ...champion, to, now: day(at) })
  }
  expect(await tagsAt(root, 'late', day('02-28'))).toEqual({})
  expect(await tagsAt(root, 'late', day('03-01'))).toEqual({ champion: 1 })
  expect(await tagsAt(root, 'late', day('05-01'))).toEqual({ champion: 3 })
})

test('tag files are a cache: whatever happens to them, the journal decides and the next command rewrites them', async () => {
  const root = await registryWith(2)
  await moveTag(root, 'late', { ...champion, to: 1 })
  const file = join(root, 'late/tags/champion')
  await writeFile(file, '2\n')
  await writeFile(join(root, 'late/tags/ghost'), '1\n')
  expect(await resolve(root, 'late@champion')).toBe(1)
  expect(await refreshTags(root, 'late')).toEqual(['champion', 'ghost'])
  expect(await readFile(file, 'utf8')).toBe('1\n')
  await rm(join(root, 'late/tags'), { recursive: true })
  await moveTag(root, 'late', { ...champion, to: 2 })
  expect(await readFile(file, 'utf8')).toBe('2\n')
  expect(await refreshTags(root, 'late')).toEqual([])
})

test('a listing shows versions newest first with their tags and summaries', async () => {
  const root = await registryWith(2)
  await moveTag(root, 'late', { ...champion, to: 1 })
  expect(await listVersions(root, 'late')).toMatchObject([
    { version: 2, tags: [], summary: { auc: 0.7 }, why: 'test' },
    { version: 1, tags: ['champion'], registeredAt: '2026-11-21T10:00:00.000Z' },
  ])
})

test('names that could leave the folder are refused before anything is read', async () => {
  const root = await temporaryFolder()
  for (const name of ['../late', '/late', 'a/b', '..', '', 'Late', 'a\\b', '%2e%2e', 'x'.repeat(64), 'constructor']) {
    await expect(readJournal(root, name)).rejects.toMatchObject({ code: 'FTI_NAME_UNSAFE' })
    await expect(moveTag(root, 'late', { ...who, tag: name, to: 1 })).rejects.toMatchObject({ code: 'FTI_NAME_UNSAFE' })
  }
})
