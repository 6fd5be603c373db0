import { type ErrorFacts, errorFacts, exitCode, FtiError } from '../base/index.ts'
import { bindTransforms, missingSources } from '../feature/index.ts'
import { bundleModule, dependencyOrder, type Project } from '../project/index.ts'
import { bindSpines, type NotChecked } from './bind-spines.ts'

export interface CheckReport {
  readonly sources: number
  readonly groups: number
  readonly models: number
  readonly services: number
  /** Empty when all is well. What is wrong with the project ends with exit code 2, whatever it would end a run with. */
  readonly problems: readonly ErrorFacts[]
  readonly notChecked: readonly NotChecked[]
  /** What may be right tomorrow: sources whose files are not there. Ends with no error. */
  readonly warnings: readonly ErrorFacts[]
}

/**
 * Looks at everything that can be known without running: SQL is one SELECT that binds over the columns of its sources and groups and
 * gives what the contract declares or the model reads, groups do not depend on each other in a circle, on-demand modules bundle.
 * Executes none of the project's code; of sources it reads what it takes to tell their types.
 */
export async function check(project: Project): Promise<CheckReport> {
  const bindings = project.groups.size === 0 ? [] : await bindTransforms(project)
  const problems: FtiError[] = bindings.flatMap((binding) => binding.problems)
  const collect = async (work: () => unknown) => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof FtiError)) throw error
      problems.push(error)
    }
  }
  const reads = new Map(bindings.map((binding) => [binding.group, binding.reads]))
  await collect(() => dependencyOrder(project.groups.keys(), reads, (name) => project.locate(['featureGroups', name])))
  const spines = await bindSpines(project)
  problems.push(...spines.problems)
  for (const { onDemand } of project.models.values()) if (onDemand) await collect(() => bundleModule(onDemand.module))
  const { sources, groups, models, services } = project
  return {
    sources: sources.size,
    groups: groups.size,
    models: models.size,
    services: services.size,
    problems: problems.map(ofTheProject),
    notChecked: [
      ...bindings.flatMap(({ group, notChecked: reason }) => (reason === undefined ? [] : [{ group, reason }])),
      ...spines.notChecked,
    ],
    warnings: (await missingSources(project)).map(errorFacts),
  }
}

/** SQL that fails ends a run with 1; found by a check it is a mistake in the project file or beside it. */
export function ofTheProject(error: FtiError): ErrorFacts {
  const facts = errorFacts(error)
  return facts.exit === exitCode.failed ? { ...facts, exit: exitCode.usage } : facts
}
