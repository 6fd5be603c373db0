import { join } from 'node:path'
import { type Engine, openEngine } from '../engine/index.ts'
import type { Project } from '../project/index.ts'
import { sourceFolder } from './source-files.ts'

/** An engine that may read the project's sources and store, and spills into its state folder. */
export async function openProjectEngine(project: Project): Promise<Engine> {
  return openEngine({
    tempDirectory: join(project.state, 'tmp'),
    allowedDirectories: [project.store, ...[...project.sources.values()].map(sourceFolder)],
  })
}
