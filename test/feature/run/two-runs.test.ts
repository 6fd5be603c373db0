import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { GroupReport } from '../../../src/feature/index.ts'
import { TemporaryProject } from '../temporary-project.ts'

const bin = join(import.meta.dirname, '../../../bin/run.js')

async function runProcess(project: TemporaryProject): Promise<GroupReport[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [bin, 'feature', 'run', '--json'], {
    cwd: project.folder,
  })
  return JSON.parse(stdout).data.groups
}

test('of processes that run a group at once one commits, and the others wait and find nothing to do', async () => {
  const project = new TemporaryProject()
  const reports = (await Promise.all([1, 2, 3].map(() => runProcess(project)))).flat()
  expect(reports.map(({ status, outcome }) => [status, outcome?.appended]).sort()).toEqual([
    ['committed', 3],
    ['nothing to do', 0],
    ['nothing to do', 0],
  ])
  expect(await project.history()).toHaveLength(1)
  expect(await project.stored()).toHaveLength(3)
})
