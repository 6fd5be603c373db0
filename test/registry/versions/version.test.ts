import { mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256 } from '../../../src/base/index.ts'
import { listVersions, moveTag, openDraft, readVersion, verifyRegistry } from '../../../src/registry/index.ts'
import { encodeEntry } from '../../../src/registry/journal/journal-entry.ts'
import { files, register, registryWith, temporaryFolder, who } from '../fixture.ts'

const corrupt = { code: 'FTI_VERSION_CORRUPT', exit: 5 }

test('a registered version gives back the bytes that were put in', async () => {
  const root = await registryWith(2)
  const version = await readVersion(root, 'late', 2)
  expect(Object.keys(version.manifest.files)).toEqual(Object.keys(files).sort())
  for (const [name, text] of Object.entries(files)) expect((await version.read(name)).toString()).toBe(text)
  expect(sha256(await readFile(join(version.path, 'manifest.json')))).toBe(version.digest)
})

test('one changed byte in any file, at any place of it, is found', async () => {
  const root = await registryWith(1)
  const folder = join(root, 'late/versions/1')
  for (const name of await readdir(folder)) {
    const original = await readFile(join(folder, name))
    for (let at = 0; at < original.length; at += Math.max(1, original.length >> 4)) {
      const changed = Buffer.from(original)
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      await writeFile(join(folder, name), changed)
      await expect(readVersion(root, 'late', 1)).rejects.toMatchObject(corrupt)
    }
    expect(await verifyRegistry(root)).toMatchObject([{ severity: 'corrupt', model: 'late', place: folder }])
    await writeFile(join(folder, name), original)
  }
  expect(await verifyRegistry(root)).toEqual([])
})

test('a file that is shorter, longer, missing or extra is found, and the listing shows the version as corrupt', async () => {
  const root = await registryWith(1)
  const folder = join(root, 'late/versions/1')
  const weights = join(folder, 'weights.bin')
  const damages: [damage: () => Promise<unknown>, repair: () => Promise<unknown>][] = [
    [() => truncate(weights, 3), () => writeFile(weights, files['weights.bin'] ?? '')],
    [() => writeFile(weights, 'x', { flag: 'a' }), () => writeFile(weights, files['weights.bin'] ?? '')],
    [() => rm(weights), () => writeFile(weights, files['weights.bin'] ?? '')],
    [() => writeFile(join(folder, 'extra.mjs'), 'x'), () => rm(join(folder, 'extra.mjs'))],
    // Every object has this one, the manifest's list of files too.
    [() => writeFile(join(folder, 'constructor'), 'x'), () => rm(join(folder, 'constructor'))],
    [() => rename(folder, `${folder}0`), () => rename(`${folder}0`, folder)],
  ]
  for (const [damage, repair] of damages) {
    await damage()
    await expect(readVersion(root, 'late', 1)).rejects.toMatchObject(corrupt)
    await expect(moveTag(root, 'late', { ...who, tag: 'champion', to: 1 })).rejects.toMatchObject(corrupt)
    expect(await listVersions(root, 'late')).toMatchObject([{ version: 1, state: 'corrupt', by: 'ana' }])
    await repair()
    expect(await listVersions(root, 'late')).toMatchObject([{ version: 1, state: 'ok', problem: null }])
  }
})

test('a version in the place of another is found, though it is whole in itself', async () => {
  const root = await registryWith(0)
  await register(root, 'late', { 'weights.bin': 'one' })
  await register(root, 'late', { 'weights.bin': 'two' })
  const versions = join(root, 'late/versions')
  await rename(join(versions, '2'), join(versions, 'kept'))
  await rename(join(versions, '1'), join(versions, '2'))
  await expect(readVersion(root, 'late', 2)).rejects.toMatchObject(corrupt)
})

test('links are refused: a file, the version folder, the model folder', async () => {
  const root = await registryWith(1)
  const folder = join(root, 'late/versions/1')
  const outside = await temporaryFolder()
  await rename(join(folder, 'weights.bin'), join(outside, 'weights.bin'))
  await symlink(join(outside, 'weights.bin'), join(folder, 'weights.bin'))
  await expect(readVersion(root, 'late', 1)).rejects.toMatchObject(corrupt)
  await rm(join(folder, 'weights.bin'))
  await rename(join(outside, 'weights.bin'), join(folder, 'weights.bin'))
  for (const linked of [folder, join(root, 'late')]) {
    await rename(linked, join(outside, 'moved'))
    await symlink(join(outside, 'moved'), linked)
    await expect(readVersion(root, 'late', 1)).rejects.toMatchObject(corrupt)
    await rm(linked)
    await rename(join(outside, 'moved'), linked)
  }
  await expect(readVersion(root, 'late', 1)).resolves.toMatchObject({ version: 1 })
})

test('only names of the manifest can be read from a version', async () => {
  const version = await readVersion(await registryWith(1), 'late', 1)
  const names = [
    '../2/weights.bin',
    '/etc/passwd',
    'manifest.json',
    '..\\x',
    '%2e%2e/x',
    '',
    '.',
    'toString',
    '__proto__',
  ]
  for (const name of names) await expect(version.read(name)).rejects.toMatchObject(corrupt)
})

test('a manifest that lists a path instead of a name is refused even where the journal vouches for it', async () => {
  for (const name of ['../../secret', '/etc/passwd', 'a/b', '..', '.hidden', 'a\\b', '%2e%2e%2fx', 'nul\u0000l']) {
    const root = await registryWith(1)
    await forge(root, (manifest) => ({ ...manifest, files: { [name]: { sha256: sha256(''), bytes: 0 } } }))
    await expect(readVersion(root, 'late', 1)).rejects.toMatchObject(corrupt)
  }
})

test('a manifest that declares an absurd size is refused before anything is read', async () => {
  const root = await registryWith(1)
  await forge(root, (manifest) => ({ ...manifest, files: { 'weights.bin': { sha256: sha256(''), bytes: 2 ** 40 } } }))
  await expect(readVersion(root, 'late', 1)).rejects.toMatchObject(corrupt)
})

test('a draft with a folder, a link, a hidden or badly named file, or nothing in it is refused and takes no number', async () => {
  const root = await registryWith(1)
  const contents: ((path: string) => Promise<unknown>)[] = [
    (path) => mkdir(join(path, 'folder')),
    (path) => symlink('/etc/passwd', join(path, 'weights.bin')),
    (path) => writeFile(join(path, '.hidden'), ''),
    (path) => writeFile(join(path, 'a b'), ''),
    (path) => writeFile(join(path, 'manifest.json'), '{}'),
    () => Promise.resolve(),
  ]
  for (const put of contents) {
    const draft = await openDraft(root, 'late')
    await put(draft.path)
    await expect(draft.register({ ...who, summary: null })).rejects.toMatchObject({ code: 'FTI_DRAFT_INVALID' })
    await draft.discard()
  }
  expect(await readdir(join(root, 'late/versions'))).toEqual(['1'])
  expect(await register(root)).toBe(2)
})

/** Writes another manifest and a journal entry that agrees with it, as somebody with write access could. */
async function forge(root: string, change: (manifest: object) => object): Promise<void> {
  const path = join(root, 'late/versions/1/manifest.json')
  const text = JSON.stringify(change(JSON.parse(await readFile(path, 'utf8'))))
  await writeFile(path, text)
  const entryPath = join(root, 'late/journal/1.json')
  const { checksum: _, ...entry } = JSON.parse(await readFile(entryPath, 'utf8'))
  await writeFile(entryPath, encodeEntry({ ...entry, manifestDigest: sha256(text) }))
}
