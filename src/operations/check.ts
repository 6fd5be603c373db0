import { relative } from 'node:path'
import { type ErrorFacts, errorFacts, exitCode, FtiError } from '../base/index.ts'
import { bindTransforms, missingSources, openProjectEngine } from '../feature/index.ts'
import { bundleModule, dependencyOrder, type Project } from '../project/index.ts'
import { listGroups } from '../store/index.ts'
import { inspectSpine } from '../training/index.ts'

/** A group whose columns could not be told. */
export interface NotChecked {
  readonly group: string
  readonly reason: string
}

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
 * gives what the contract declares, groups do not depend on each other in a circle, on-demand modules bundle.
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
  await checkModels(project, collect)
  const { sources, groups, models, services } = project
  return {
    sources: sources.size,
    groups: groups.size,
    models: models.size,
    services: services.size,
    problems: problems.map(ofTheProject),
    notChecked: bindings.flatMap(({ group, notChecked: reason }) => (reason === undefined ? [] : [{ group, reason }])),
    warnings: (await missingSources(project)).map(errorFacts),
  }
}

async function checkModels(project: Project, collect: (work: () => unknown) => Promise<void>): Promise<void> {
  if (project.models.size === 0) return
  const engine = await openProjectEngine(project)
  try {
    const known = [...project.groups.keys(), ...(await listGroups(project.store))]
    for (const model of project.models.values()) {
      const place = relative(project.directory, model.spine)
      await collect(() => inspectSpine(engine, project, model, known, place))
      const { onDemand } = model
      if (onDemand) await collect(() => bundleModule(onDemand.module))
    }
  } finally {
    await engine.close()
  }
}

/** SQL that fails ends a run with 1; found by a check it is a mistake in the project file or beside it. */
export function ofTheProject(error: FtiError): ErrorFacts {
  const facts = errorFacts(error)
  return facts.exit === exitCode.failed ? { ...facts, exit: exitCode.usage } : facts
}
