import { relative } from 'node:path'
import { type ErrorFacts, errorFacts, FtiError } from '../base/index.ts'
import { findInputs, openProjectEngine } from '../feature/index.ts'
import { bundleModule, dependencyOrder, type Project } from '../project/index.ts'
import { listGroups } from '../store/index.ts'
import { inspectSpine } from '../training/index.ts'

export interface CheckReport {
  readonly sources: number
  readonly groups: number
  readonly models: number
  readonly services: number
  /** The first one is of the worst kind; empty when all is well. */
  readonly problems: readonly ErrorFacts[]
}

/**
 * Looks at everything that can be known without running: SQL parses as one SELECT and reads known tables, groups do not
 * depend on each other in a circle, on-demand modules bundle. Executes none of the project's code and reads no data.
 */
export async function check(project: Project): Promise<CheckReport> {
  const problems: ErrorFacts[] = []
  const collect = async (work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof FtiError)) throw error
      problems.push(errorFacts(error))
    }
  }
  const engine = await openProjectEngine(project)
  try {
    const published = await listGroups(project.store)
    const dependencies = new Map<string, string[]>()
    for (const group of project.groups.values()) {
      await collect(async () => {
        dependencies.set(group.name, [...(await findInputs(engine, project, group, published)).groups])
      })
    }
    await collect(async () => {
      dependencyOrder(project.groups.keys(), dependencies, (name) => project.locate(['featureGroups', name]))
    })
    for (const model of project.models.values()) {
      const place = relative(project.directory, model.spine)
      await collect(() => inspectSpine(engine, project, model, [...project.groups.keys(), ...published], place))
      const { onDemand } = model
      if (onDemand) await collect(async () => void (await bundleModule(onDemand.module)))
    }
  } finally {
    await engine.close()
  }
  const { sources, groups, models, services } = project
  return { sources: sources.size, groups: groups.size, models: models.size, services: services.size, problems }
}
