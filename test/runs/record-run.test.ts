import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentReporter } from '../../src/base/index.ts'
import { beginRun, lastRun, recordRun } from '../../src/runs/index.ts'
import { temporaryFolder } from './fixture.ts'

const pipeline = 'feature-flights'

async function begin() {
  const state = await temporaryFolder()
  const run = await beginRun(state, pipeline, { command: 'fti run', now: new Date() })
  const warnings: string[] = []
  const reporter = { ...silentReporter, warn: (message: string) => void warnings.push(message) }
  return { state, run, warnings, reporter }
}

/** From here on no record can be written. */
async function breakRecords(state: string): Promise<void> {
  await rm(join(state, 'runs'), { recursive: true })
  await writeFile(join(state, 'runs'), '')
}

test('the record of a run says what it has made', async () => {
  const { state, run, reporter } = await begin()
  const made = await recordRun(run, { work: async () => 12, made: () => ({ outputs: { rows: 12 } }), reporter })
  expect(made).toBe(12)
  expect(await lastRun(state, pipeline)).toMatchObject({ status: 'done', outputs: { rows: 12 } })
})

test('the record of a run that failed halfway says what it had made until then', async () => {
  const { state, run, reporter } = await begin()
  const work = async () => {
    throw new Error('no more')
  }
  await expect(recordRun(run, { work, made: () => ({ outputs: { snapshot: 3 } }), reporter })).rejects.toThrow(
    'no more',
  )
  expect(await lastRun(state, pipeline)).toMatchObject({
    status: 'failed',
    outputs: { snapshot: 3 },
    error: { message: 'no more' },
  })
})

test('where no record can be written, what stopped the run is what its caller sees', async () => {
  const { state, run, warnings, reporter } = await begin()
  const work = async () => {
    await breakRecords(state)
    throw new Error('the first error')
  }
  await expect(recordRun(run, { work, made: () => undefined, reporter })).rejects.toThrow('the first error')
  expect(warnings).toEqual([expect.stringMatching(/^the record of run feature-flights\/.* does not say .* failed/)])
})

test('where no record can be written, what the run has made counts', async () => {
  const { state, run, warnings, reporter } = await begin()
  const work = async () => {
    await breakRecords(state)
    return 12
  }
  expect(await recordRun(run, { work, made: () => undefined, reporter })).toBe(12)
  expect(warnings).toHaveLength(1)
})
