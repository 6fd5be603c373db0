import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { silentReporter } from '../../../src/base/index.ts'
import { runFeatureGroups } from '../../../src/feature/index.ts'
import { status } from '../../../src/operations/index.ts'
import { moveTag } from '../../../src/registry/index.ts'
import { lastRun } from '../../../src/runs/index.ts'
import { runCommand } from '../../cli/run-command.ts'
import { PumpProject } from '../../training/pump-project.ts'

let fresh: PumpProject
let pumps: PumpProject

beforeAll(async () => {
  fresh = PumpProject.create().edit(
    'fti.config.yaml',
    'maxAge: 1d',
    'maxAge: 1d\n    freshness: { warn: 2h, error: 6h }',
  )
  pumps = await fresh.copy().runFeatures()
  await pumps.train()
}, 60_000)

/** Damage that leaves name and size as they were. */
function flipByte(path: string): void {
  const bytes = readFileSync(path)
  bytes[0] = (bytes[0] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

async function lines(project: PumpProject, laterMs = 0) {
  const [feature, training, inference] = await status(await project.load(), new Date(Date.now() + laterMs))
  return { feature, training, inference }
}

test('nothing has run yet: three lines, each with its owners, none of them an alarm', async () => {
  const { feature, training, inference } = await lines(fresh)
  expect(feature).toMatchObject({ health: 'none', owners: ['data-team'] })
  expect(feature?.summary).toContain('pump_readings never ran')
  expect(training).toEqual({
    pipeline: 'training',
    health: 'none',
    summary: 'failing_check has no version',
    owners: ['ml-team'],
    problems: [],
  })
  expect(inference).toEqual({
    pipeline: 'inference',
    health: 'none',
    summary: 'failing_check: nothing at failing_check@champion, no server on port 48123',
    owners: ['ops-team'],
    problems: [],
  })
})

test.each([
  ['moved away', (store: string) => renameSync(store, `${store}-away`)],
  [
    'unmounted, and its mount point is an empty folder',
    (store: string) => {
      rmSync(store, { recursive: true })
      mkdirSync(store)
    },
  ],
])('a store that is %s is missing, and did not "never run"', async (_what, lose) => {
  const project = pumps.copy()
  const store = join(project.directory, 'store')
  lose(store)
  const { feature } = await lines(project)
  expect(feature).toMatchObject({
    health: 'bad',
    problems: [{ about: 'feature store', code: 'FTI_STORE_LOST', place: store }],
  })
  expect(feature?.summary).not.toContain('never ran')
  expect(feature?.problems[0]?.message).toMatch(
    /has no rows of pump_readings, .*, but pump_readings@0 is known from run/,
  )
  expect(feature?.problems[0]?.next).toMatch(/^mount the folder/)
  project.edit('fti.config.yaml', 'project: pumps', 'project: pumps\nstore: elsewhere')
  expect((await lines(project)).feature?.summary).toContain('pump_readings never ran')
})

describe('features', () => {
  test('are good while every group is as fresh as it promises', async () => {
    expect((await lines(pumps)).feature).toMatchObject({
      health: 'good',
      summary: expect.stringMatching(/^4 groups, /),
    })
  })

  test('warn, and then are bad, as a group falls behind its promise', async () => {
    const { feature: late } = await lines(pumps, 3 * 3_600_000)
    expect(late).toMatchObject({ health: 'warn', summary: expect.stringMatching(/^pump_readings is 3h .*behind$/) })
    expect((await lines(pumps, 7 * 3_600_000)).feature?.health).toBe('bad')
  })

  test('are bad after a failed run: group, code and time in the line, the reason and the next command below', async () => {
    const project = pumps.copy().write('features/checks.sql', 'select nothing from plan')
    const run = {
      groups: ['checks'],
      now: new Date(),
      by: 'test',
      command: 'test',
      lockWaitMs: 0,
      reporter: silentReporter,
    }
    await runFeatureGroups({ project: await project.load(), ...run })
    const { id } = (await lastRun(join(project.directory, '.fti'), 'feature-checks')) as { id: string }
    expect((await lines(project)).feature).toMatchObject({
      health: 'bad',
      summary: expect.stringMatching(/^checks failed .+ ago \(FTI_SQL_UNKNOWN_COLUMN\)$/),
      problems: [
        {
          about: 'checks',
          code: 'FTI_SQL_UNKNOWN_COLUMN',
          at: expect.stringMatching(/Z$/),
          place: expect.stringContaining('features/checks.sql'),
          next: `fti runs show ${id}`,
        },
      ],
    })
    const page = await runCommand(['status'], { cwd: project.directory })
    expect(page.stdout).toContain(`next: fti runs show ${id}`)
  })
})

describe('training', () => {
  test('is good with a version, and says how old it is', async () => {
    expect((await lines(pumps, 86_400_000)).training).toMatchObject({
      health: 'good',
      summary: expect.stringMatching(/^newest failing_check@1, 1d/),
    })
  })

  test('is bad after a failed run, while the older version stays', async () => {
    const project = pumps.copy().write('training/failing_check.sql', 'select 1 as check_id from checks')
    await expect(project.train()).rejects.toMatchObject({ code: 'FTI_SPINE_REFUSED' })
    expect((await lines(project)).training).toMatchObject({
      health: 'bad',
      summary: expect.stringMatching(
        /^last training of failing_check failed .+ ago \(FTI_SPINE_REFUSED\), newest failing_check@1/,
      ),
      problems: [{ code: 'FTI_SPINE_REFUSED', next: expect.stringMatching(/^fti runs show \d{8}t/) }],
    })
  })

  test('is not good with a version that failed its gates: it says which, and what was found', async () => {
    const project = pumps.copy().edit('fti.config.yaml', 'metric: auc, min: 0.55', 'metric: auc, min: 0.999')
    await project.train({ epochs: 1 })
    expect((await lines(project)).training).toMatchObject({
      health: 'warn',
      summary: expect.stringMatching(/^newest failing_check@2.*, gates failed: auc >= 0\.999 \(.*\)$/),
      problems: [{ about: 'failing_check@2', next: 'fti registry show failing_check@2' }],
    })
  })

  test('is bad when a byte of a version has changed, newest or tagged', async () => {
    const project = pumps.copy()
    flipByte(join(project.directory, 'registry/failing_check/versions/1/weights.bin'))
    expect((await lines(project)).training).toMatchObject({
      health: 'bad',
      problems: [{ about: 'failing_check@1', code: 'FTI_VERSION_CORRUPT', next: 'fti registry verify failing_check' }],
    })
  })

  test('is bad when the registry has a damaged journal, and the features are shown all the same', async () => {
    const project = pumps.copy().write('registry/failing_check/journal/2.json', '{"half')
    const { feature, training } = await lines(project)
    expect(feature?.health).toBe('good')
    expect(training).toMatchObject({ health: 'bad', problems: [{ code: 'FTI_JOURNAL_CORRUPT' }] })
  })
})

describe('inference', () => {
  /** A server that answers as ours does when it is asked whether it is ready. */
  async function served(code: number, body: object, work: (project: PumpProject) => Promise<void>): Promise<void> {
    const server = createServer((_request, reply) => {
      reply.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = server.address() as AddressInfo
      const project = pumps.copy().edit('fti.config.yaml', 'port: 48123', `port: ${port}`)
      const { registry } = await project.load()
      await moveTag(registry, 'failing_check', { tag: 'champion', to: 1, by: 'test', now: new Date() })
      await work(project)
    } finally {
      server.close()
    }
  }

  test('is good when the server is ready, and names what it serves', async () => {
    await served(200, { status: 'ready', model: 'failing_check@1', degraded: false, reasons: [] }, async (project) => {
      expect((await lines(project)).inference).toMatchObject({
        health: 'good',
        summary: 'failing_check: failing_check@1 (champion), ready with failing_check@1',
        problems: [],
      })
    })
  })

  test('warns when the server lives on its last good model, and is bad when it is not ready', async () => {
    const reply = {
      status: 'ready',
      model: 'failing_check@1',
      degraded: true,
      reasons: ['the registry cannot be read'],
    }
    await served(200, reply, async (project) => {
      expect((await lines(project)).inference).toMatchObject({
        health: 'warn',
        summary: expect.stringContaining('degraded with failing_check@1: the registry cannot be read'),
        problems: [{ about: 'failing_check' }],
      })
    })
    await served(503, {}, async (project) => {
      expect((await lines(project)).inference).toMatchObject({ health: 'bad' })
    })
  })

  test('is bad when the version that its tag names is damaged, although the server is still ready', async () => {
    await served(200, { status: 'ready', model: 'failing_check@1', degraded: false, reasons: [] }, async (project) => {
      flipByte(join(project.directory, 'registry/failing_check/versions/1/weights.bin'))
      expect((await lines(project)).inference).toMatchObject({
        health: 'bad',
        problems: [{ code: 'FTI_VERSION_CORRUPT', next: 'fti registry verify failing_check' }],
      })
    })
  })

  test('is bad when another project answers on the port', async () => {
    await served(200, { status: 'ready', model: 'busy_day@1', degraded: false, reasons: [] }, async (project) => {
      expect((await lines(project)).inference).toMatchObject({
        health: 'bad',
        summary: expect.stringMatching(/port \d+ answers with busy_day@1$/),
      })
    })
  })
})

test('fti status prints three lines, each with its owner', async () => {
  const result = await runCommand(['status'], { cwd: pumps.directory })
  expect(result.exit).toBe(0)
  expect(result.stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/^FEATURE +good .*owner data-team$/),
    expect.stringMatching(/^TRAINING +good +newest failing_check@1.*owner ml-team$/),
    expect.stringMatching(/^INFERENCE +none .*owner ops-team$/),
  ])
})
