import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { currentProcess } from '../../src/base/index.ts'
import { acquireLock } from '../../src/runs/index.ts'
import { bundleScript, runScript } from '../script.ts'
import { temporaryFolder } from './fixture.ts'

const request = { command: 'fti train late' }

test('a second command is refused with pid, command and start of the first, until that one is done', async () => {
  const folder = await temporaryFolder()
  const first = await acquireLock(folder, 'train', request)
  await expect(acquireLock(folder, 'train', { command: 'fti train' })).rejects.toMatchObject({
    code: 'FTI_LOCKED',
    exit: 4,
    message: expect.stringMatching(
      new RegExp(`^train is in use by pid ${process.pid} \`fti train late\` on .+ since 20.+Z \\([\\d.]+m?s\\)$`),
    ),
    data: { pid: process.pid, command: 'fti train late', since: first.holder.since },
  })
  await first.release()
  await (await acquireLock(folder, 'train', request)).release()
  expect(await readdir(folder)).toEqual([])
})

test('locks of different names do not meet', async () => {
  const folder = await temporaryFolder()
  await acquireLock(folder, 'train', request)
  await expect(acquireLock(folder, 'feature', request)).resolves.toBeDefined()
  await expect(acquireLock(folder, '../out', request)).rejects.toMatchObject({ code: 'FTI_PIPELINE_NAME' })
})

test('who waits gets the lock when it is released, and gives up in time or when cancelled', async () => {
  const folder = await temporaryFolder()
  const first = await acquireLock(folder, 'train', request)
  await expect(acquireLock(folder, 'train', { ...request, waitMs: 150 })).rejects.toMatchObject({ code: 'FTI_LOCKED' })
  const cancelled = acquireLock(folder, 'train', { ...request, waitMs: 60_000, signal: AbortSignal.timeout(100) })
  await expect(cancelled).rejects.toMatchObject({ code: 'FTI_INTERRUPTED', exit: 130 })
  const waiting = acquireLock(folder, 'train', { ...request, waitMs: 60_000 })
  await first.release()
  await expect(waiting).resolves.toBeDefined()
})

test('releasing twice, or after somebody else took over, removes nobody else`s lock', async () => {
  const folder = await temporaryFolder()
  const first = await acquireLock(folder, 'train', request)
  await first.release()
  const second = await acquireLock(folder, 'train', request)
  await first.release()
  expect(await readdir(folder)).toEqual(['train.lock'])
  await second.release()
})

test('a lock left by a dead process is taken over: pid used again, before a reboot, unreadable, empty', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'train.lock')
  const left = { format: 1, id: 'x', ...currentProcess(), command: 'fti train', since: new Date().toISOString() }
  const stale = [
    { ...left, startedAt: '1' },
    { ...left, boot: 'another boot' },
    { ...left, pid: 2 ** 22 + 1 },
    { ...left, pid: '1' },
    null,
  ].map((each) => JSON.stringify(each))
  for (const text of [...stale, '', '{"pid":']) {
    await writeFile(path, text)
    const lock = await acquireLock(folder, 'train', request)
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ id: lock.holder.id, pid: process.pid })
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  }
})

test('a lock of another host is respected, and the error says which file to remove if that host is gone', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'train.lock')
  const left = { format: 1, id: 'x', ...currentProcess(), host: 'ci-3', command: 'c', since: new Date().toISOString() }
  await writeFile(path, JSON.stringify(left))
  await expect(acquireLock(folder, 'train', request)).rejects.toMatchObject({
    code: 'FTI_LOCKED',
    remedy: expect.stringContaining(path),
  })
})

test('a takeover that died half-way is finished by the next one', async () => {
  const folder = await temporaryFolder()
  const dead = { format: 1, ...currentProcess(), startedAt: '1', command: 'c', since: new Date().toISOString() }
  await writeFile(join(folder, 'train.lock'), JSON.stringify({ ...dead, id: 'a' }))
  await writeFile(join(folder, 'train.lock.takeover'), JSON.stringify({ ...dead, id: 'b' }))
  await (await acquireLock(folder, 'train', request)).release()
  expect(await readdir(folder)).toEqual([])
})

test('of 20 processes that race for a dead one`s lock exactly one gets it', async () => {
  const folder = await temporaryFolder()
  const dead = {
    format: 1,
    id: 'x',
    ...currentProcess(),
    startedAt: '1',
    command: 'c',
    since: new Date().toISOString(),
  }
  await writeFile(join(folder, 'train.lock'), JSON.stringify(dead))
  const script = await bundleScript(new URL('./lock-process.ts', import.meta.url))
  const start = String(Date.now() + 1500)
  await Promise.all(Array.from({ length: 20 }, () => runScript(script, folder, start, 'try')))
  const outcomes = (await readFile(join(folder, 'outcomes'), 'utf8')).trim().split('\n')
  expect(outcomes).toHaveLength(20)
  expect(outcomes.filter((line) => line.endsWith(' taken'))).toHaveLength(1)
  expect(outcomes.filter((line) => line.endsWith(' FTI_LOCKED'))).toHaveLength(19)
})

test('what processes do under a lock is never interleaved', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'counter'), '0')
  const script = await bundleScript(new URL('./lock-process.ts', import.meta.url))
  await Promise.all(Array.from({ length: 6 }, () => runScript(script, folder, '0', 'count')))
  expect(await readFile(join(folder, 'counter'), 'utf8')).toBe('60')
})

test('the lock of a killed process is free at once', async () => {
  const folder = await temporaryFolder()
  const script = await bundleScript(new URL('./lock-process.ts', import.meta.url))
  const holder = spawn(process.execPath, [script, folder, '0', 'hold'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  await expect(acquireLock(folder, 'train', request)).rejects.toMatchObject({ data: { pid: holder.pid } })
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  await expect(acquireLock(folder, 'train', request)).resolves.toBeDefined()
})
