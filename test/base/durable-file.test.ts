import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFile, FtiError, makeDirectory, replaceFile, storageError, syncDirectory } from '../../src/base/index.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fti-base-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('of many who create one file exactly one does, and nothing is left of the others', async () => {
  const folder = temporaryFolder()
  const path = join(folder, '7.json')
  const created = await Promise.all(Array.from({ length: 20 }, (_, i) => createFile(path, `writer ${i}`)))
  const winner = created.indexOf(true)
  expect(created.filter(Boolean)).toHaveLength(1)
  expect(readFileSync(path, 'utf8')).toBe(`writer ${winner}`)
  expect(readdirSync(folder)).toEqual(['7.json'])
})

test('who reads a file while it is replaced gets the old text or the new, whole', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'champion')
  const texts = ['a'.repeat(200_000), 'b'.repeat(300_000)]
  await replaceFile(path, texts[0] ?? '')
  let isDone = false
  const writing = (async () => {
    for (let i = 1; i <= 10; i++) await replaceFile(path, texts[i % 2] ?? '')
    isDone = true
  })()
  let reads = 0
  while (!isDone) {
    expect(texts.includes(readFileSync(path, 'utf8'))).toBe(true)
    reads++
    await new Promise((resolve) => setImmediate(resolve))
  }
  await writing
  expect(reads).toBeGreaterThan(10)
  expect(readdirSync(folder)).toEqual(['champion'])
})

test('a write that fails leaves neither the file nor its beginning', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'taken'))
  writeFileSync(join(folder, 'taken/x'), '')
  await expect(replaceFile(join(folder, 'taken'), 'text')).rejects.toThrow()
  await expect(createFile(join(folder, 'nowhere/x'), 'text')).rejects.toThrow('ENOENT')
  expect(readdirSync(folder)).toEqual(['taken'])
})

test('a folder is made with its parents, and again without complaint', async () => {
  const folder = join(temporaryFolder(), 'a/b/c')
  await makeDirectory(folder)
  await makeDirectory(folder)
  expect(existsSync(folder)).toBe(true)
  await syncDirectory(folder)
  await expect(syncDirectory(join(folder, 'absent'))).rejects.toThrow('ENOENT')
})

test.skipIf(process.getuid?.() === 0)('a folder without write permission is an error that says so', async () => {
  const folder = temporaryFolder()
  chmodSync(folder, 0o555)
  await expect(createFile(join(folder, 'x'), '')).rejects.toMatchObject({ code: 'FTI_NO_PERMISSION', exit: 7 })
})

test.each([
  ['ENOSPC', 'FTI_DISK_FULL'],
  ['EDQUOT', 'FTI_DISK_FULL'],
  ['EROFS', 'FTI_NO_PERMISSION'],
  ['EACCES', 'FTI_NO_PERMISSION'],
  ['EIO', 'FTI_SYNC_FAILED'],
])('%s of the system is %s, with place and remedy', (code, expected) => {
  const known = storageError(Object.assign(new Error(code), { code, syscall: 'write' }), '/data/x')
  expect(known).toBeInstanceOf(FtiError)
  expect(known).toMatchObject({ code: expected, exit: 7, place: '/data/x', remedy: expect.stringMatching(/.{20}/) })
})

test('a full disk is told with what the file needs, where that is known, and what there is', () => {
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' })
  const absent = join(temporaryFolder(), 'a/b')
  expect(storageError(full, absent, 512)).toMatchObject({
    message: expect.stringMatching(/^no room left on the file system of .*\/a\/b: needs 512 bytes, has \d+ bytes$/),
    data: { needs: 512, has: expect.any(Number) },
  })
  expect(storageError(full, absent)).toMatchObject({ message: expect.stringMatching(/a\/b: has \d+ bytes$/) })
})

test('any other error stays what it is', () => {
  const error = new TypeError('a bug')
  expect(storageError(error, '/data/x')).toBe(error)
})
