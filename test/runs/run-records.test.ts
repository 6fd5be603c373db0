import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { currentProcess, errorCatalogue, FtiError } from '../../src/base/index.ts'
import { beginRun, lastRun, listPipelines, listRuns } from '../../src/runs/index.ts'
import { temporaryFolder } from './fixture.ts'

const command = 'fti run'
const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 10, minute))

test('a run is running until it is finished, and its record then says what came of it', async () => {
  const state = await temporaryFolder()
  const run = await beginRun(state, 'feature-flights', { command, now: at(0), inputs: { files: 2 } })
  expect(await lastRun(state, 'feature-flights')).toMatchObject({ id: run.id, status: 'running', inputs: { files: 2 } })
  await run.finish({ status: 'done', outputs: { rows: 12 } })
  expect(await lastRun(state, 'feature-flights')).toMatchObject({
    status: 'done',
    command,
    startedAt: '2026-11-21T10:00:00.000Z',
    finishedAt: expect.stringMatching(/^2026-11-21T10:00:0/),
    inputs: { files: 2 },
    outputs: { rows: 12 },
    error: null,
  })
  expect(await readdir(join(state, 'runs/feature-flights'))).toEqual([`${run.id}.json`])
})

test('a failed run keeps code, message, place and remedy of its error', async () => {
  const state = await temporaryFolder()
  const { FTI_X } = errorCatalogue({ FTI_X: [6, 'Means x.'] })
  const error = new FtiError(FTI_X, { message: 'source gone', place: 'data/a.csv', remedy: 'put it back' })
  for (const thrown of [error, new Error('bug')]) {
    const run = await beginRun(state, 'feature-flights', { command, now: new Date() })
    await run.finish({ status: 'failed', error: thrown })
  }
  expect(await listRuns(state)).toMatchObject([
    { status: 'failed', error: { code: null, message: 'bug' } },
    { status: 'failed', error: { code: 'FTI_X', message: 'source gone', place: 'data/a.csv', remedy: 'put it back' } },
  ])
})

test('a running record of a process that is gone is shown as crashed', async () => {
  const state = await temporaryFolder()
  const run = await beginRun(state, 'train-late', { command, now: at(0) })
  const path = join(state, 'runs/train-late', `${run.id}.json`)
  const record = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, JSON.stringify({ ...record, owner: { ...currentProcess(), startedAt: '1' } }))
  expect(await lastRun(state, 'train-late')).toMatchObject({ id: run.id, status: 'crashed', command })
})

test('a record that cannot be read is shown as corrupt and breaks no listing', async () => {
  const state = await temporaryFolder()
  for (let minute = 0; minute < 3; minute++) {
    await (await beginRun(state, 'train-late', { command, now: at(minute) })).finish({ status: 'done' })
  }
  const [, second = ''] = (await readdir(join(state, 'runs/train-late'))).sort()
  for (const text of ['', '{', 'null', '{"format":2}', '{"format":1}']) {
    await writeFile(join(state, 'runs/train-late', second), text)
    expect((await listRuns(state)).map((run) => run.status)).toEqual(['done', 'corrupt', 'done'])
  }
})

test('runs of all pipelines are listed newest first, as many as asked for', async () => {
  const state = await temporaryFolder()
  for (const [minute, pipeline] of ['feature-a', 'train-b', 'feature-a'].entries()) {
    await (await beginRun(state, pipeline, { command, now: at(minute) })).finish({ status: 'done' })
  }
  await mkdir(join(state, 'runs/.staging-x'))
  expect(await listPipelines(state)).toEqual(['feature-a', 'train-b'])
  const newest = await listRuns(state, { limit: 2 })
  expect(newest.map((run) => run.pipeline)).toEqual(['feature-a', 'train-b'])
  expect(await listRuns(state, { pipeline: 'feature-a' })).toHaveLength(2)
  expect(await listRuns(join(state, 'nothing'))).toEqual([])
})

test('the last run can be asked for by status, and past a clock that was once ahead', async () => {
  const state = await temporaryFolder()
  const end = async (minute: number, status: 'done' | 'failed') =>
    (await beginRun(state, 'train-b', { command, now: at(minute) })).finish({ status })
  await end(0, 'done')
  await end(1, 'failed')
  await end(59, 'done')
  expect(await lastRun(state, 'train-b', { notAfter: at(30) })).toMatchObject({ status: 'failed' })
  expect(await lastRun(state, 'train-b', { notAfter: at(30), status: 'done' })).toMatchObject({ status: 'done' })
  expect(await lastRun(state, 'train-b', { status: 'cancelled' })).toBeUndefined()
  expect(await lastRun(state, 'train-c')).toBeUndefined()
})

test('a pipeline name that could leave the folder is refused', async () => {
  const state = await temporaryFolder()
  for (const name of ['../x', 'a/b', '', '.x', 'a..b', 'A']) {
    await expect(beginRun(state, name, { command, now: at(0) })).rejects.toMatchObject({ code: 'FTI_PIPELINE_NAME' })
    await expect(lastRun(state, name)).rejects.toMatchObject({ code: 'FTI_PIPELINE_NAME' })
  }
})
