import { didYouMean, FtiError } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import { dependencyOrder, type Project } from '../../project/index.ts'
import { listGroups } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { openProjectEngine } from '../project-engine.ts'
import { findInputs } from './inputs.ts'

/** A group and the groups of its project that it reads. */
export interface OrderedGroup {
  readonly group: FeatureGroup
  readonly reads: readonly string[]
}

/**
 * Groups in order of dependency; all when no name is given. A group whose SQL cannot be understood reads nothing here: running
 * it says what is wrong, and no other group has to wait for that.
 * @param engine one to use; otherwise one is opened
 */
export async function orderGroups(
  project: Project,
  names: readonly string[],
  engine?: Engine,
): Promise<OrderedGroup[]> {
  for (const name of names) groupNamed(project, name)
  const dependencies = await readDependencies(project, engine)
  const wanted = new Set(names.length === 0 ? project.groups.keys() : names)
  return dependencyOrder(project.groups.keys(), dependencies, (name) => project.locate(['featureGroups', name]))
    .filter((name) => wanted.has(name))
    .flatMap((name) => project.groups.get(name) ?? [])
    .map((group) => ({ group, reads: dependencies.get(group.name) ?? [] }))
}

/** A group of the project. Errors: FTI_GROUP_UNKNOWN, with the nearest name. */
export function groupNamed(project: Project, name: string): FeatureGroup {
  const group = project.groups.get(name)
  if (group !== undefined) return group
  throw unknownGroup(project, name, [...project.groups.keys()])
}

/** @param known names that could have been meant */
export function unknownGroup(project: Project, name: string, known: readonly string[]): FtiError {
  return new FtiError(featureErrors.FTI_GROUP_UNKNOWN, {
    message: `there is no feature group '${name}' in ${project.name}`,
    place: project.file,
    remedy: didYouMean(name, known),
    data: { group: name, known: [...known] },
  })
}

async function readDependencies(project: Project, given: Engine | undefined): Promise<Map<string, string[]>> {
  const engine = given ?? (await openProjectEngine(project))
  try {
    const published = await listGroups(project.store)
    const dependencies = new Map<string, string[]>()
    for (const group of project.groups.values()) {
      const reads = await groupsReadBy(engine, project, group, published)
      dependencies.set(
        group.name,
        reads.filter((name) => project.groups.has(name)),
      )
    }
    return dependencies
  } finally {
    if (given === undefined) await engine.close()
  }
}

async function groupsReadBy(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  published: readonly string[],
): Promise<readonly string[]> {
  try {
    return (await findInputs(engine, project, group, published)).groups
  } catch (error) {
    if (error instanceof FtiError) return []
    throw error
  }
}
