import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { findTextProblem } from '../../src/base/index.ts'

function file(name: string, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'fti-text-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const long = 'é€😀 plain\n'.repeat(50_000)

test('UTF-8 is text, whole or compressed, with a byte-order mark, in several gzip members, or empty', async () => {
  const two = Buffer.concat([gzipSync(long), gzipSync(long)])
  const files = [file('a.csv', long), file('a.csv', `\ufeff${long}`), file('a.csv.gz', two), file('a.csv', '')]
  expect(await Promise.all(files.map((path) => findTextProblem(path)))).toEqual(files.map(() => undefined))
})

test('a gzip that is cut off anywhere, or is none, is found', async () => {
  const whole = gzipSync(long)
  for (const end of [5, whole.length >> 1, whole.length - 1]) {
    expect(await findTextProblem(file('a.csv.gz', whole.subarray(0, end)))).toMatchObject({ kind: 'gzip' })
  }
  expect(await findTextProblem(file('a.csv.gz', long))).toMatchObject({ kind: 'gzip' })
})

test('the first line that is not UTF-8 is named', async () => {
  const wrong = Buffer.concat([Buffer.from(long), Buffer.from('caf\xe9\n', 'latin1'), Buffer.from(long)])
  expect(await findTextProblem(file('a.csv', wrong))).toEqual({ kind: 'encoding', line: 50_001 })
  expect(await findTextProblem(file('a.csv.gz', gzipSync(wrong)))).toEqual({ kind: 'encoding', line: 50_001 })
})

test('a character that is cut off at the end is found', async () => {
  expect(await findTextProblem(file('a.csv', Buffer.from('a\n€').subarray(0, 3)))).toEqual({
    kind: 'encoding',
    line: 2,
  })
})

test('a file that is not there is an error of the system', async () => {
  await expect(findTextProblem('/nowhere/a.csv.gz')).rejects.toMatchObject({ code: 'ENOENT' })
})

test('of text in another encoding only a gzip can be wrong', async () => {
  const latin = Buffer.from('origin,note\nZRH,Zürich\n', 'latin1')
  const gzip = gzipSync(latin)
  for (const path of [file('a.csv', latin), file('a.csv.gz', gzip)])
    expect(await findTextProblem(path, { encoding: 'any' })).toBeUndefined()
  const half = file('a.csv.gz', gzip.subarray(0, 20))
  expect(await findTextProblem(half, { encoding: 'any' })).toMatchObject({ kind: 'gzip' })
})

test('what lies beyond the bytes that count is not looked at', async () => {
  const text = Buffer.concat([Buffer.alloc(1_000_000, 'a'), Buffer.from([0xff])])
  expect(await findTextProblem(file('a.csv', text), { upToBytes: 1000 })).toBeUndefined()
  expect(await findTextProblem(file('a.csv', text))).toEqual({ kind: 'encoding', line: 1 })
})
