import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { amended, FtiError, withCleanUp } from '../base/index.ts'
import type { FileSource } from '../contract/index.ts'
import { type Engine, openEngine } from '../engine/index.ts'
import type { Project } from '../project/index.ts'
import { featureErrors } from './errors.ts'
import { isFileSource } from './intake.ts'
import { listSourceFiles, sourceFolder } from './source-files.ts'

/**
 * An error, with its place in the project file, for each source of files that has none now; its data may be delivered later.
 * Writes nothing into the project, and asks no server.
 */
export async function missingSources(project: Project): Promise<FtiError[]> {
  const sources = [...project.sources.values()].filter(isFileSource)
  if (sources.length === 0) return []
  const tempDirectory = await mkdtemp(join(tmpdir(), 'fti-sources-'))
  const look = async () => {
    const engine = await openEngine({ tempDirectory, allowedDirectories: sources.map(sourceFolder), threads: 1 })
    return withCleanUp(
      () => missingOf(engine, project, sources),
      () => engine.close(),
    )
  }
  return withCleanUp(look, () => rm(tempDirectory, { recursive: true, force: true }))
}

async function missingOf(engine: Engine, project: Project, sources: readonly FileSource[]): Promise<FtiError[]> {
  const missing: FtiError[] = []
  for (const source of sources) {
    try {
      await listSourceFiles(engine, project, source)
    } catch (error) {
      if (!(error instanceof FtiError) || error.code !== featureErrors.FTI_SOURCE_MISSING.code) throw error
      missing.push(amended(error, { place: project.locate(['sources', source.name, 'path']) }))
    }
  }
  return missing
}
