import { relative } from 'node:path'
import { FtiError, type Reporter, throwIfCancelled } from '../../base/index.ts'
import { findCases, type Project } from '../../project/index.ts'
import { featureErrors } from '../errors.ts'
import { groupNamed } from '../transforms/order-groups.ts'
import { type CaseReport, runCase } from './run-case.ts'

export interface GroupTestOptions {
  readonly project: Project
  /** Names of groups; all of the project when empty. */
  readonly groups: readonly string[]
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
}

export interface GroupTests {
  readonly cases: readonly CaseReport[]
  /** Groups that were to be tested and have no case. */
  readonly untested: readonly string[]
}

/**
 * Runs the test cases of feature groups, one after the other, each in an engine of its own. Errors: FTI_GROUP_UNKNOWN;
 * FTI_CASES_MISSING for a group that was named and has no case, since a test that looks at nothing must not look like one that passed.
 */
export async function testGroups({ project, groups, reporter, signal }: GroupTestOptions): Promise<GroupTests> {
  for (const name of groups) groupNamed(project, name)
  const wanted = [...project.groups.keys()].filter((name) => groups.length === 0 || groups.includes(name))
  const files = await findCases(project, wanted)
  const untested = wanted.filter((name) => files.every(({ group }) => group !== name))
  if (groups.length > 0 && untested[0] !== undefined) throw noCases(project, untested[0])
  if (files.length === 0) return { cases: [], untested }
  const cases = await reporter.task('testing', async (task) => {
    const reports: CaseReport[] = []
    for (const file of files) {
      throwIfCancelled(signal)
      task.update(`${file.group}/${file.name}`)
      const place = relative(project.directory, file.path)
      reports.push(await runCase(project, file, place, signal))
    }
    const failed = reports.filter(({ status }) => status === 'failed').length
    task.update(`${reports.length - failed} passed, ${failed} failed`)
    return reports
  })
  return { cases, untested }
}

function noCases(project: Project, group: string): FtiError {
  return new FtiError(featureErrors.FTI_CASES_MISSING, {
    message: `'${group}' has no test case`,
    place: project.locate(['featureGroups', group]),
    remedy: `write tests/features/${group}/<case>.yaml, or begin with: fti feature test --create ${group}`,
    data: { group },
  })
}
