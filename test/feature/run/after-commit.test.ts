import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Reporter, silentReporter } from '../../../src/base/index.ts'
import { lastRun } from '../../../src/runs/index.ts'
import { runCommand } from '../../cli/run-command.ts'
import { TemporaryProject } from '../temporary-project.ts'

/** An online store that cannot be: a file lies where its folder belongs. */
function breakOnlineStore(project: TemporaryProject): void {
  rmSync(join(project.folder, '.fti/online'), { recursive: true, force: true })
  project.write('.fti/online', '')
}

test('a sync that fails after the commit says which snapshot is committed, and which command is left', async () => {
  const project = new TemporaryProject()
  breakOnlineStore(project)
  const { status, outcome, error } = await project.runDelays()
  expect({ status, snapshot: outcome?.snapshot }).toEqual({ status: 'failed', snapshot: 0 })
  expect(error?.message).toMatch(/^'delays' was committed as snapshot 0, but the online store does not have it: /)
  expect(error).toMatchObject({ remedy: expect.stringContaining('fti feature sync delays'), data: { snapshot: 0 } })
  expect(await project.stored()).toHaveLength(3)
})

test('the run record says the same', async () => {
  const project = new TemporaryProject()
  breakOnlineStore(project)
  const { error, outcome } = await project.runDelays()
  const record = await lastRun(join(project.folder, '.fti'), 'feature-delays')
  expect(record).toMatchObject({ status: 'failed', outputs: { snapshot: outcome?.snapshot } })
  expect(record).toMatchObject({ error: { message: error?.message, remedy: error?.remedy } })
})

test('the next run says that all rows are there, until the online store has them', async () => {
  const project = new TemporaryProject()
  breakOnlineStore(project)
  await project.run()
  const { error } = await project.runDelays()
  expect(error?.message).toMatch(/^all rows of 'delays' are in snapshot 0, but the online store does not have it: /)
  rmSync(join(project.folder, '.fti/online'))
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', syncedKeys: 2 })
})

test('groups that read it go on: what they read is committed', async () => {
  const worst = {
    entity: 'airport',
    static: true,
    transform: 'features/worst.sql',
    features: { delay: 'float64' },
  }
  const project = new TemporaryProject({
    groups: { worst },
    files: { 'features/worst.sql': 'SELECT origin, max(delay) AS delay FROM delays GROUP BY origin' },
  })
  breakOnlineStore(project)
  expect(await project.run()).toMatchObject({
    delays: { status: 'failed', outcome: { snapshot: 0 } },
    worst: { status: 'failed', outcome: { snapshot: 0, appended: 2 } },
  })
})

test('the command tells it too, and ends with an error', async () => {
  const project = new TemporaryProject()
  breakOnlineStore(project)
  const { exit, stdout } = await runCommand(['feature', 'run'], { cwd: project.folder })
  expect(exit).toBe(1)
  expect(stdout).toContain("'delays' was committed as snapshot 0, but the online store does not have it")
  expect(stdout).toContain('fti feature sync delays')
})

test('a run that is cancelled while it syncs does not say that nothing was committed', async () => {
  const project = new TemporaryProject()
  const abort = new AbortController()
  const run = project.run({ signal: abort.signal, reporter: atUpdate('syncing', () => abort.abort()) })
  await expect(run).rejects.toMatchObject({
    code: 'FTI_INTERRUPTED',
    message: "'delays' was committed as snapshot 0, but the online store does not have it: cancelled",
    remedy: 'run: fti feature sync delays',
  })
})

test('a broken record and a broken lock do not hide what stopped the run', async () => {
  const project = new TemporaryProject({ files: { 'features/delays.sql': 'SELECT nothing FROM flights' } })
  const breakAll = () => {
    for (const folder of ['.fti/runs', 'store/_locks']) {
      rmSync(join(project.folder, folder), { recursive: true })
      writeFileSync(join(project.folder, folder), '')
    }
  }
  const { error } = await project.runDelays({ reporter: atUpdate('transforming', breakAll) })
  expect(error).toMatchObject({ code: 'FTI_SQL_UNKNOWN_COLUMN' })
})

/** Does something when the run says that it has come so far. */
function atUpdate(text: string, act: () => void): Reporter {
  return { ...silentReporter, task: (_title, work) => work({ update: (now) => void (now === text && act()) }) }
}
