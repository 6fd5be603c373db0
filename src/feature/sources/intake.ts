import { join } from 'node:path'
import { makeDirectory, openStaging, type Staging } from '../../base/index.ts'
import { type FileSource, fileTypes, type Source } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import type { Interval } from '../incremental/interval.ts'
import { type HashedFiles, readSourceFiles } from './files/source-files.ts'
import { readDelta } from './read-delta.ts'
import { readDocuments } from './read-documents.ts'
import { readExec } from './read-exec.ts'
import { type PushedRows, readPush } from './read-push.ts'
import type { Reading, ReadOptions } from './reading.ts'

/** What the groups of one run read: each source is asked once, and all of them see the same answer. */
export interface Intake {
  read(engine: Engine, source: Source, options: Pick<ReadOptions, 'say' | 'signal'>): Promise<Reading>
  /** Removes what was fetched. */
  close(): Promise<void>
}

export interface IntakeOptions {
  /** What a source of type push has now; without it such a source has nothing. */
  readonly pushed?: PushedRows | undefined
  /** Source -> the time of which rows are needed, where not all are. */
  readonly spans?: ReadonlyMap<string, Interval> | undefined
}

export function openIntake(project: Project, { pushed, spans }: IntakeOptions = {}): Intake {
  const hashed: HashedFiles = new Map()
  const readings = new Map<string, Promise<Reading>>()
  let staging: Promise<Staging> | undefined
  const folderOf = async (name: string) => {
    staging ??= openStaging(join(project.state, 'tmp'))
    const folder = join((await staging).path, name)
    await makeDirectory(folder)
    return folder
  }
  return {
    read: (engine, source, options) => {
      if (isFileSource(source)) return readFiles(engine, project, source, hashed)
      const known = readings.get(source.name)
      if (known) return known
      const reading = folderOf(source.name).then((folder) =>
        fetchSource(source, { project, folder, span: spans?.get(source.name), ...options }, pushed),
      )
      readings.set(source.name, reading)
      return reading
    },
    // One that could not be opened has failed its group already.
    close: async () => (await staging?.catch(() => undefined))?.discard(),
  }
}

export function isFileSource(source: Source): source is FileSource {
  const types: readonly string[] = fileTypes
  return types.includes(source.type)
}

async function readFiles(engine: Engine, project: Project, source: FileSource, hashed: HashedFiles): Promise<Reading> {
  const files = await readSourceFiles(engine, project, source, hashed)
  return { source, digest: files.digest, open: async () => files }
}

/** The clients of other systems load only when a source needs them. */
async function fetchSource(
  source: Exclude<Source, FileSource>,
  options: ReadOptions,
  pushed: PushedRows | undefined,
): Promise<Reading> {
  switch (source.type) {
    case 'http':
      return (await import('./http/read-http.ts')).readHttp(source, options)
    case 'postgres':
      return (await import('./postgres/read-postgres.ts')).readPostgres(source, options)
    case 'sqlite':
      return (await import('./read-sqlite.ts')).readSqlite(source, options)
    case 'documents':
      return readDocuments(source, options)
    case 'delta':
      return readDelta(source, options)
    case 'exec':
      return readExec(source, options)
    case 'push':
      return readPush(source, pushed)
  }
}
