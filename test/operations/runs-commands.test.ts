import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from '../cli/run-command.ts'
import { PumpProject } from '../training/pump-project.ts'

let fresh: PumpProject
let pumps: PumpProject

interface Listed {
  readonly id: string
  readonly pipeline: string
  readonly status: string
  readonly code: string | null
  readonly summary: string
}

beforeAll(async () => {
  fresh = PumpProject.create()
  pumps = await fresh.copy().runFeatures()
  await pumps.train({ epochs: 1 })
  pumps.write('training/failing_check.sql', 'select 1 as check_id from checks')
  await pumps.train().catch(() => undefined)
}, 60_000)

async function json(line: string, project = pumps) {
  const result = await runCommand([...line.split(' '), '--json'], { cwd: project.directory })
  return { exit: result.exit, ...result.json() }
}
async function list(line = 'runs list', project = pumps): Promise<Listed[]> {
  return ((await json(line, project)).data as { runs: Listed[] }).runs
}

describe('fti runs list', () => {
  test('shows runs of all pipelines, newest first, with what they made or why they failed', async () => {
    const runs = await list()
    expect(runs.map(({ id }) => id)).toEqual(
      runs
        .map(({ id }) => id)
        .sort()
        .reverse(),
    )
    expect(runs.slice(0, 2)).toMatchObject([
      { pipeline: 'train-failing_check', status: 'failed', code: 'FTI_SPINE_REFUSED' },
      { pipeline: 'train-failing_check', status: 'done', summary: expect.stringMatching(/^version 1, promotable /) },
    ])
    expect(runs.find(({ pipeline }) => pipeline === 'feature-check_outcomes')?.summary).toBe(
      'committed, snapshot 0, appended 390',
    )
  })

  test('takes one pipeline and a limit', async () => {
    expect((await list('runs list --pipeline train-failing_check --limit 1')).map(({ status }) => status)).toEqual([
      'failed',
    ])
  })

  test('of a pipeline that did not run yet is empty; of one that nobody declared it is an error with the nearest', async () => {
    expect(await list('runs list --pipeline feature-checks', fresh)).toEqual([])
    expect(await json('runs list --pipeline feature-check')).toMatchObject({
      exit: 2,
      error: { code: 'FTI_PIPELINE_UNKNOWN', remedy: "did you mean 'feature-checks'?" },
    })
  })

  test('in a project that never ran says what to type', async () => {
    const { stdout } = await runCommand(['runs', 'list'], { cwd: fresh.directory })
    expect(stdout).toBe('nothing has run yet; run what is due with: fti run\n')
  })

  test('shows a damaged record as corrupt, and the others all the same', async () => {
    const project = pumps.copy()
    writeFileSync(join(project.directory, '.fti/runs/feature-checks/20991231t000000000-0000000000.json'), '{"half')
    const runs = await list('runs list', project)
    expect(runs[0]).toMatchObject({ pipeline: 'feature-checks', status: 'corrupt' })
    expect(runs).toHaveLength((await list()).length + 1)
  })
})

describe('fti runs show', () => {
  test('of a failed run gives inputs, error with place and remedy, and what it told', async () => {
    const [failed] = await list('runs list --pipeline train-failing_check')
    const { data } = await json(`runs show ${failed?.id}`)
    expect(data).toMatchObject({
      status: 'failed',
      inputs: { backend: 'cpu', seed: 7 },
      error: { code: 'FTI_SPINE_REFUSED', place: 'training/failing_check.sql', remedy: expect.stringMatching(/./) },
      log: expect.arrayContaining([
        expect.objectContaining({ level: 'warn', text: 'dataset for failing_check: failed' }),
      ]),
    })
    const page = (await runCommand(['runs', 'show', failed?.id ?? ''], { cwd: pumps.directory })).stdout
    for (const part of ['FTI_SPINE_REFUSED', 'at training/failing_check.sql', 'fix: ', 'inputs', 'log'])
      expect(page).toContain(part)
  })

  test('of a good run gives what it made', async () => {
    const [, done] = await list('runs list --pipeline train-failing_check')
    expect((await json(`runs show ${done?.id}`)).data).toMatchObject({
      status: 'done',
      outputs: { version: 1, registry: 'registry', rows: { train: expect.any(Number) } },
      error: null,
    })
  })

  test('of an unknown id asks for the nearest', async () => {
    const [newest] = await list()
    const mistyped = `${newest?.id.slice(0, -1)}x`
    expect(await json(`runs show ${mistyped}`)).toMatchObject({
      exit: 2,
      error: { code: 'FTI_RUN_UNKNOWN', remedy: expect.stringContaining(`did you mean '${newest?.id}'?`) },
    })
  })

  test('of a damaged record says that it is corrupt', async () => {
    const project = pumps.copy()
    const id = '20991231t000000000-0000000000'
    writeFileSync(join(project.directory, `.fti/runs/feature-checks/${id}.json`), '{"half')
    const { exit, stdout } = await runCommand(['runs', 'show', id], { cwd: project.directory })
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: expect.stringContaining('corrupt') })
  })
})
