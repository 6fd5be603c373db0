import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeGeneratedFiles } from '../../src/operations/generate/write-files.ts'

const files = [{ path: 'a/b.txt', text: 'new\n' }]
const folder = () => mkdtempSync(join(tmpdir(), 'fti-write-'))

test('writes below the folder and says where', async () => {
  const root = folder()
  expect(await writeGeneratedFiles(files, root, { replace: false })).toEqual([join(root, 'a/b.txt')])
  expect(readFileSync(join(root, 'a/b.txt'), 'utf8')).toBe('new\n')
})

test('writing the same again changes nothing', async () => {
  const root = folder()
  await writeGeneratedFiles(files, root, { replace: false })
  expect(await writeGeneratedFiles(files, root, { replace: false })).toHaveLength(1)
})

test('a file that someone changed is kept, unless --replace says otherwise', async () => {
  const root = folder()
  await writeGeneratedFiles(files, root, { replace: false })
  writeFileSync(join(root, 'a/b.txt'), 'mine\n')
  await expect(writeGeneratedFiles(files, root, { replace: false })).rejects.toMatchObject({
    code: 'FTI_GENERATE_EXISTS',
  })
  expect(readFileSync(join(root, 'a/b.txt'), 'utf8')).toBe('mine\n')
  await writeGeneratedFiles(files, root, { replace: true })
  expect(readFileSync(join(root, 'a/b.txt'), 'utf8')).toBe('new\n')
})
