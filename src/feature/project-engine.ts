import { join } from 'node:path'
import type { Source } from '../contract/index.ts'
import { type Engine, openEngine } from '../engine/index.ts'
import type { Project } from '../project/index.ts'
import { sourceFolder } from './sources/files/source-files.ts'
import { isFileSource } from './sources/intake.ts'

/** An engine that may read the project's sources and store, and spills into its state folder. */
export async function openProjectEngine(project: Project): Promise<Engine> {
  const tempDirectory = join(project.state, 'tmp')
  const folders = [...project.sources.values()].flatMap((source) => readableFolder(source) ?? [])
  return openEngine({
    tempDirectory,
    // What was fetched lies in the folder of temporary files.
    allowedDirectories: [project.store, tempDirectory, ...folders],
  })
}

function readableFolder(source: Source): string | undefined {
  if (isFileSource(source)) return sourceFolder(source)
  return source.type === 'documents' || source.type === 'delta' ? source.path : undefined
}
