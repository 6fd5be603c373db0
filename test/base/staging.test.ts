import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { newId, openStaging, removeDeadStaging } from '../../src/base/index.ts'

afterEach(() => vi.useRealTimers())

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fti-base-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a folder appears whole under its name, without a trace of how it was made', async () => {
  const parent = await temporaryFolder()
  const staging = await openStaging(parent)
  await writeFile(join(staging.path, 'data'), 'x')
  expect(await staging.publish(join(parent, 'done'))).toBe(true)
  expect(await readdir(parent)).toEqual(['done'])
  expect(await readdir(join(parent, 'done'))).toEqual(['data'])
})

test('a name that is taken stays, and another one can be tried', async () => {
  const parent = await temporaryFolder()
  for (const text of ['first', 'second']) {
    const staging = await openStaging(parent)
    await writeFile(join(staging.path, text), text)
    if (!(await staging.publish(join(parent, '1')))) expect(await staging.publish(join(parent, '2'))).toBe(true)
    await staging.discard()
  }
  expect(await readdir(join(parent, '1'))).toEqual(['first'])
  expect(await readdir(join(parent, '2'))).toEqual(['second'])
})

test('what a live process has in hand for an hour stays, also after a name was refused to it', async () => {
  const parent = await temporaryFolder()
  vi.useFakeTimers({ now: Date.now() - 3_600_000, toFake: ['Date'] })
  const staging = await openStaging(parent)
  vi.useRealTimers()
  await writeFile(join(staging.path, 'data'), 'x')
  expect(await removeDeadStaging(parent)).toEqual([])
  const taken = await openStaging(parent)
  await writeFile(join(taken.path, 'data'), 'y')
  await taken.publish(join(parent, '1'))
  expect(await staging.publish(join(parent, '1'))).toBe(false)
  expect(await removeDeadStaging(parent)).toEqual([])
  expect(await staging.publish(join(parent, '2'))).toBe(true)
})

test('what nobody owns is taken for dead after a minute, a staged file as well as a folder', async () => {
  const parent = await temporaryFolder()
  const staging = await openStaging(parent)
  await rm(join(staging.path, '.owner'))
  const file = join(parent, `.staging-${newId()}`)
  await writeFile(file, 'x')
  expect(await removeDeadStaging(parent)).toEqual([])
  const old = (letter: string) => join(parent, `.staging-20200101t000000000-${letter}`)
  await rename(staging.path, old('a'))
  await rename(file, old('b'))
  expect(await removeDeadStaging(parent)).toHaveLength(2)
  expect(existsSync(old('a'))).toBe(false)
})
