import { join } from 'node:path'
import { withCleanUp } from '../base/index.ts'
import { type Engine, openEngine } from '../engine/index.ts'
import type { Project } from '../project/index.ts'

/** Lends an engine that reads the feature store and nothing else, and closes it whatever happens. */
export async function withEngine<T>(
  project: Pick<Project, 'state' | 'store'>,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await openEngine({
    tempDirectory: join(project.state, 'tmp'),
    allowedDirectories: [project.store],
  })
  return withCleanUp(
    () => work(engine),
    () => engine.close(),
  )
}
