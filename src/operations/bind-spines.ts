import { FtiError } from '../base/index.ts'
import { openProjectEngine } from '../feature/index.ts'
import type { Project } from '../project/index.ts'
import { bindSpine } from '../training/index.ts'

/** A group whose columns could not be told. */
export interface NotChecked {
  readonly group: string
  readonly reason: string
}

/** What is wrong with the spines of a project's models, one by one, and what could not be told of them. */
export async function bindSpines(
  project: Project,
): Promise<{ readonly problems: FtiError[]; readonly notChecked: NotChecked[] }> {
  const problems: FtiError[] = []
  const notChecked: NotChecked[] = []
  if (project.models.size === 0) return { problems, notChecked }
  const engine = await openProjectEngine(project)
  try {
    for (const model of project.models.values()) {
      try {
        const untold = await bindSpine(engine, project, model)
        if (untold) notChecked.push(untold)
      } catch (error) {
        if (!(error instanceof FtiError)) throw error
        problems.push(error)
      }
    }
  } finally {
    await engine.close()
  }
  return { problems, notChecked }
}
