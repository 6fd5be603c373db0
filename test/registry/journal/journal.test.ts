import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  journalHead,
  listJournal,
  listModels,
  listVersions,
  moveTag,
  openDraft,
  readJournal,
  readVersion,
  verifyRegistry,
  watchHead,
} from '../../../src/registry/index.ts'
import { encodeEntry } from '../../../src/registry/journal/journal-entry.ts'
import { register, registryWith, temporaryFolder, who } from '../fixture.ts'

const champion = { ...who, tag: 'champion' }

test('a changed entry is found by the digest in the next one; the others and the head stay readable', async () => {
  const root = await registryWith(2)
  await moveTag(root, 'late', { ...champion, to: 1 })
  await moveTag(root, 'late', { ...champion, to: 2 })
  const path = join(root, 'late/journal/3.json')
  const { checksum: _, ...entry } = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, encodeEntry({ ...entry, by: 'eve' }))
  await expect(readJournal(root, 'late')).rejects.toMatchObject({ code: 'FTI_JOURNAL_CORRUPT', exit: 5 })
  expect((await listJournal(root, 'late')).map((record) => record.problem === null)).toEqual([true, true, true, false])
  expect(await verifyRegistry(root)).toMatchObject([{ severity: 'corrupt', place: join(root, 'late/journal/4.json') }])
  expect((await journalHead(root, 'late')).tags).toEqual({ champion: 2 })
})

test('one changed byte at any place of any entry is found, in the newest one too', async () => {
  const root = await registryWith(2)
  for (const number of [1, 2]) {
    const path = join(root, `late/journal/${number}.json`)
    const original = await readFile(path)
    for (let at = number; at < original.length; at += 23) {
      const changed = Buffer.from(original)
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      await writeFile(path, changed)
      expect((await verifyRegistry(root)).map((each) => each.severity)).toContain('corrupt')
    }
    await writeFile(path, original)
  }
  expect(await verifyRegistry(root)).toEqual([])
})

test('an entry that is cut, empty, missing or of another model is shown as corrupt and breaks no listing', async () => {
  const root = await registryWith(3)
  const path = join(root, 'late/journal/2.json')
  const original = await readFile(path, 'utf8')
  const damages = [original.slice(0, 40), '', undefined, original.replace('"late"', '"other"'), 'null', '[]']
  for (const damage of damages) {
    if (damage === undefined) await rm(path)
    else await writeFile(path, damage)
    expect(await listJournal(root, 'late')).toMatchObject([
      { number: 1 },
      { number: 2, problem: expect.any(String) },
      { number: 3 },
    ])
    expect((await listVersions(root, 'late')).map((each) => each.version)).toEqual([3, 1])
    expect((await verifyRegistry(root)).filter((each) => each.place === path)).toMatchObject([{ severity: 'corrupt' }])
    await writeFile(path, original)
  }
  expect(await verifyRegistry(root)).toEqual([])
})

test('a damaged newest entry stops writers, and a newer format says which fti to install', async () => {
  const root = await registryWith(1)
  const path = join(root, 'late/journal/1.json')
  const original = await readFile(path, 'utf8')
  await writeFile(path, original.slice(0, -20))
  await expect(register(root)).rejects.toMatchObject({ code: 'FTI_JOURNAL_CORRUPT' })
  await writeFile(path, original.replace('"format": 1', '"format": 2'))
  await expect(journalHead(root, 'late')).rejects.toMatchObject({ code: 'FTI_REGISTRY_FORMAT', exit: 2 })
})

test('an orphan of a dead writer is removed by the next registration and its number is never used again', async () => {
  const root = await registryWith(2)
  const versions = join(root, 'late/versions')
  await orphan(root, 3, 'dead')
  expect(await verifyRegistry(root)).toMatchObject([{ severity: 'warning', place: join(versions, '3') }])
  expect((await listVersions(root, 'late')).map((each) => each.version)).toEqual([2, 1])
  await expect(readVersion(root, 'late', 3)).rejects.toMatchObject({ code: 'FTI_VERSION_UNKNOWN' })
  expect(await register(root)).toBe(4)
  expect(await verifyRegistry(root)).toEqual([])
  expect(await register(root)).toBe(5)
})

test('the folder of a writer that lives, or that nobody knows, is left alone', async () => {
  const root = await registryWith(1)
  await orphan(root, 2, 'alive')
  await mkdir(join(root, 'late/versions/3'))
  await writeFile(join(root, 'late/versions/3/notes.txt'), 'mine')
  expect(await register(root)).toBe(4)
  const places = (await verifyRegistry(root)).map((each) => each.place)
  expect(places).toEqual([join(root, 'late/versions/2'), join(root, 'late/versions/3')])
})

test('a registration that is cancelled leaves nothing behind', async () => {
  const root = await registryWith(1)
  const draft = await openDraft(root, 'late')
  await writeFile(join(draft.path, 'weights.bin'), 'x')
  const registration = { ...who, summary: null, signal: AbortSignal.abort() }
  await expect(draft.register(registration)).rejects.toMatchObject({ code: 'FTI_INTERRUPTED', exit: 130 })
  await draft.discard()
  expect(await verifyRegistry(root)).toEqual([])
  expect(await journalHead(root, 'late')).toMatchObject({ entry: 1, newest: 1 })
})

test('a watch sees the journal grow, and tells a registry that is gone from one that is quiet', async () => {
  const root = await registryWith(1)
  const watch = watchHead(root, 'late')
  expect(await watch.poll()).toBe(1)
  await register(root)
  await register(root)
  expect(await watch.poll()).toBe(3)
  for (const gone of [root, join(root, 'late')]) {
    await rename(gone, `${gone}-away`)
    await expect(watch.poll()).rejects.toMatchObject({ code: 'FTI_REGISTRY_UNREACHABLE', exit: 6 })
    await rename(`${gone}-away`, gone)
    expect(await watch.poll()).toBe(3)
  }
})

test('a registry that does not exist yet lists nothing, and is unreachable to whoever asks it for a version', async () => {
  const root = join(await temporaryFolder(), 'registry')
  expect(await listModels(root)).toEqual([])
  expect(await journalHead(root, 'late')).toMatchObject({ entry: 0, tags: {}, newest: null })
  const away = { code: 'FTI_REGISTRY_UNREACHABLE' }
  await expect(readVersion(root, 'late', 1)).rejects.toMatchObject(away)
  await expect(watchHead(root, 'late').poll()).rejects.toMatchObject(away)
  await expect(verifyRegistry(root)).rejects.toMatchObject(away)
})

/** A version folder whose writer claimed the number and then never wrote its journal entry. */
async function orphan(root: string, number: number, writer: 'alive' | 'dead'): Promise<void> {
  const from = join(root, 'late/versions/1/manifest.json')
  const manifest = JSON.parse(await readFile(from, 'utf8'))
  const startedAt = writer === 'alive' ? manifest.writer.startedAt : 'before the last reboot'
  await mkdir(join(root, 'late/versions', String(number)))
  const text = JSON.stringify({ ...manifest, writer: { ...manifest.writer, startedAt } })
  await writeFile(join(root, 'late/versions', String(number), 'manifest.json'), text)
}
