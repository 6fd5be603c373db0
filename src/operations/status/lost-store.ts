import { FtiError } from '../../base/index.ts'
import { lastCommitted } from '../../feature/index.ts'
import type { Project } from '../../project/index.ts'
import { operationsErrors } from '../errors.ts'

/**
 * The error of a store that lacks groups of which run records know that it had them; undefined when none tells so.
 * @param groups those without a committed row
 */
export async function lostStore(
  project: Pick<Project, 'state' | 'directory' | 'store'>,
  groups: readonly string[],
): Promise<{ readonly groups: ReadonlySet<string>; readonly error: FtiError } | undefined> {
  const lost = new Map<string, string>()
  for (const group of groups) {
    const known = await lastCommitted(project, group)
    if (known) lost.set(group, `${group}@${known.snapshot} is known from run ${known.run}`)
  }
  const [first] = lost.values()
  if (first === undefined) return undefined
  const names = [...lost.keys()]
  const error = new FtiError(operationsErrors.FTI_STORE_LOST, {
    message: `the feature store ${project.store} has no rows of ${names.join(', ')}, but ${first}`,
    place: project.store,
    remedy: 'mount the folder or bring its content back; to begin anew in an empty one: fti feature run',
    data: { groups: names },
  })
  return { groups: new Set(names), error }
}
