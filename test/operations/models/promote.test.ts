import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Promotion, promote } from '../../../src/operations/index.ts'
import { journalHead, readJournal } from '../../../src/registry/index.ts'
import { runCommand } from '../../cli/run-command.ts'
import { PumpProject } from '../../training/pump-project.ts'

const config = 'fti.config.yaml'
const spine = 'training/failing_check.sql'

/** Version 1 does not look at the pressure, and was judged before there was a champion; 2 is good; 3 knows the label. */
let pumps: PumpProject

beforeAll(async () => {
  pumps = PumpProject.create()
  pumps.edit(config, '- { metric: auc, min: 0.55 }', '- { metric: auc, notWorseThan: champion }')
  await pumps.runFeatures()
  const [whole, honest] = [config, spine].map((path) => readFileSync(join(pumps.directory, path), 'utf8')) as [
    string,
    string,
  ]
  pumps.edit(config, 'pick: [pressure, load]', 'pick: [load]')
  await pumps.edit(config, 'on: { pump: backup }, pick: [pressure]', 'on: { pump: backup }, pick: [load]').train()
  await pumps.write(config, whole).train({ epochs: 10 })
  pumps.edit(spine, 'backup, weight, planned_at,', 'backup, failed::double AS weight, planned_at,')
  await pumps.edit(spine, 'from checks', 'from checks join check_outcomes using (check_id, planned_at)').train()
  pumps.write(spine, honest)
}, 120_000)

async function promoting(project: PumpProject, version: string, options: Partial<Promotion> = {}) {
  const promotion = { version, tag: 'champion', by: 'test', now: new Date('2026-01-01T00:00:00Z'), ...options }
  return promote(await project.load(), promotion)
}

async function champion(project: PumpProject): Promise<number | undefined> {
  return (await journalHead((await project.load()).registry, 'failing_check')).tags['champion']
}

const newestEntry = async (project: PumpProject) =>
  (await readJournal((await project.load()).registry, 'failing_check')).at(-1)

describe('a version that met its gates', () => {
  test('gets the tag, with what the gates said in the journal', async () => {
    const project = pumps.copy()
    const { entry, gates } = await promoting(project, 'failing_check@2', { why: 'looks at the pressure' })
    expect(entry).toMatchObject({
      kind: 'promotion',
      version: 2,
      tag: 'champion',
      from: null,
      why: 'looks at the pressure',
    })
    expect(entry.gates).toEqual(gates)
    expect(gates.map(({ gate, passed }) => [gate, passed])).toEqual([
      ['no single feature scores 0.97 or more alone', true],
      ['auc not worse than champion', true],
      ['auc not worse than the best of the last five versions', true],
      ['serving computes what training saw', true],
      ['the contracts that it reads are published', true],
    ])
    expect(await champion(project)).toBe(2)
  })

  test('is found by its name alone when it is the newest', async () => {
    await expect(promoting(pumps.copy(), 'failing_check')).rejects.toMatchObject({
      message: expect.stringContaining('failing_check@3'),
    })
  })

  test('gets the tag a second time without a second entry', async () => {
    const project = pumps.copy()
    const first = await promoting(project, 'failing_check@2')
    expect((await promoting(project, 'failing_check@2')).entry).toEqual(first.entry)
  })
})

describe('a version is refused, and the refusal is in the journal,', () => {
  test('when a gate of its training said no', async () => {
    const project = pumps.copy()
    await expect(promoting(project, 'failing_check@3')).rejects.toMatchObject({
      code: 'FTI_NOT_PROMOTABLE',
      exit: 1,
      detail: expect.stringContaining('weight 1.000 knows the label'),
    })
    expect(await newestEntry(project)).toMatchObject({ kind: 'refusal', version: 3, tag: 'champion', by: 'test' })
    expect(await champion(project)).toBeUndefined()
  })

  test('when it is worse than the champion of this moment, though there was none when it was trained', async () => {
    const project = pumps.copy()
    await promoting(project, 'failing_check@2')
    await expect(promoting(project, 'failing_check@1')).rejects.toMatchObject({
      code: 'FTI_NOT_PROMOTABLE',
      detail: expect.stringMatching(/^auc not worse than champion: difference to version 2: -0\.\d+/),
    })
    expect(await newestEntry(project)).toMatchObject({ kind: 'refusal', version: 1 })
    expect(await champion(project)).toBe(2)
  })

  test('when a contract that it reads is no longer in the store', async () => {
    const project = pumps.copy()
    const loaded = await project.load()
    const promotion = { version: 'failing_check@2', tag: 'champion', by: 'test', now: new Date() }
    await expect(promote({ ...loaded, store: join(project.directory, 'elsewhere') }, promotion)).rejects.toMatchObject({
      code: 'FTI_NOT_PROMOTABLE',
      detail: expect.stringContaining('pump_readings v1 is not published'),
    })
  })
})

describe('nothing is written', () => {
  test('when one byte of the version was changed', async () => {
    const project = pumps.copy()
    const before = await newestEntry(project)
    const path = join(project.directory, 'registry/failing_check/versions/2/weights.bin')
    const bytes = readFileSync(path)
    bytes[5] = (bytes[5] ?? 0) ^ 1
    writeFileSync(path, bytes)
    await expect(promoting(project, 'failing_check@2')).rejects.toMatchObject({ code: 'FTI_VERSION_CORRUPT', exit: 5 })
    expect(await newestEntry(project)).toEqual(before)
  })

  test('when the tag names another version than expected', async () => {
    const project = pumps.copy()
    await promoting(project, 'failing_check@1')
    const before = await newestEntry(project)
    await expect(promoting(project, 'failing_check@2', { expect: 3 })).rejects.toMatchObject({
      code: 'FTI_REGISTRY_CONFLICT',
      exit: 4,
      data: { tag: 'champion', expected: 3, found: 1 },
    })
    expect(await newestEntry(project)).toEqual(before)
  })
})

test('two who promote at once both see their gates judged against what the tag names at their moment', async () => {
  const project = pumps.copy()
  const outcomes = await Promise.allSettled([
    promoting(project, 'failing_check@1'),
    promoting(project, 'failing_check@2'),
  ])
  // Whoever came first: version 1 never replaces version 2.
  expect(outcomes[1]?.status).toBe('fulfilled')
  expect(await champion(project)).toBe(2)
})

describe('on the command line', () => {
  const run = (project: PumpProject, line: string) => runCommand(line.split(' '), { cwd: project.directory })

  test('a promotion says which gates were passed, what the tag named before, and rollback undoes it', async () => {
    const project = pumps.copy()
    const first = await run(project, 'registry promote failing_check@1')
    expect(first.exit, first.stderr).toBe(0)
    expect(first.stdout).toMatch(/failing_check@champion is version 1, journal entry 4/)
    expect(first.stdout).toContain('Next: fti serve failing_check')
    const second = await run(project, 'registry promote failing_check@2 --expect 1')
    expect(second.stdout).toMatch(/passed auc not worse than champion: difference to version 1: \+0\.\d+/)
    expect(second.stdout).toMatch(/is version 2 \(was version 1\), journal entry 5/)
    const back = await run(project, 'registry rollback failing_check')
    expect(back.stdout).toContain('failing_check@champion is version 1 again (was version 2)')
    const list = await run(project, 'registry list --json')
    expect((list.json().data as { versions: unknown[] }).versions).toMatchObject([
      { version: 3, promotable: false, tags: [] },
      { version: 2, promotable: true, tags: [] },
      { version: 1, promotable: true, tags: ['champion'] },
    ])
  })

  test.each([
    ['registry promote failing_check@nobody', 2, 'FTI_TAG_UNKNOWN'],
    ['registry promote failing_check@9', 2, 'FTI_VERSION_UNKNOWN'],
    ['registry promote failing@1', 2, 'FTI_MODEL_UNKNOWN'],
    ['registry promote failing_check@3', 1, 'FTI_NOT_PROMOTABLE'],
    ['registry promote failing_check@2 --to candidate', 2, 'FTI_TAG_FIXED'],
    ['registry promote failing_check@2 --expect 7', 4, 'FTI_REGISTRY_CONFLICT'],
    ['registry show failing_check@nobody', 2, 'FTI_TAG_UNKNOWN'],
    ['registry list failing', 2, 'FTI_MODEL_UNKNOWN'],
    ['registry rollback failing_check', 2, 'FTI_TAG_UNKNOWN'],
  ])('fti %s ends with %i and %s', async (line, exit, code) => {
    const result = await run(pumps.copy(), `${line} --json`)
    expect([result.exit, result.json().error?.['code']]).toEqual([exit, code])
    expect(result.json().error?.['remedy']).toBeTruthy()
  })
})
