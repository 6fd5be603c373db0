import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { amended, FtiError, withCleanUp } from '../../base/index.ts'
import type { FileSource, Source } from '../../contract/index.ts'
import { type Engine, openEngine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { featureErrors } from '../errors.ts'
import { listSourceFiles, sourceFolder } from './files/source-files.ts'
import { isFileSource } from './intake.ts'
import { whereIs } from './where-is.ts'

/**
 * An error, with its place in the project file, for each source on this machine that is not there now; its data may be delivered later.
 * Writes nothing into the project, and asks no server.
 */
export async function missingSources(project: Project): Promise<FtiError[]> {
  const all = [...project.sources.values()]
  const absent = (await Promise.all(all.map((source) => absentPlace(project, source)))).filter(
    (one) => one !== undefined,
  )
  const sources = all.filter(isFileSource)
  if (sources.length === 0) return absent
  const tempDirectory = await mkdtemp(join(tmpdir(), 'fti-sources-'))
  const look = async () => {
    const engine = await openEngine({ tempDirectory, allowedDirectories: sources.map(sourceFolder), threads: 1 })
    return withCleanUp(
      async () => [...(await missingOf(engine, project, sources)), ...absent],
      () => engine.close(),
    )
  }
  return withCleanUp(look, () => rm(tempDirectory, { recursive: true, force: true }))
}

/** A database, folder or table of this machine that is not there. */
async function absentPlace(project: Project, source: Source): Promise<FtiError | undefined> {
  if (source.type !== 'sqlite' && source.type !== 'documents' && source.type !== 'delta') return undefined
  if (
    await access(source.path).then(
      () => true,
      () => false,
    )
  )
    return undefined
  return new FtiError(featureErrors.FTI_SOURCE_MISSING, {
    message: `source '${source.name}' is not there: ${whereIs(source, project.directory)}`,
    place: project.locate(['sources', source.name, 'path']),
    remedy: `put it there, or change sources.${source.name}.path`,
    data: { source: source.name, path: source.path },
  })
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
