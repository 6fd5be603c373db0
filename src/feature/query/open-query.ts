import { join } from 'node:path'
import { didYouMean, FtiError, withCleanUp } from '../../base/index.ts'
import type { SnapshotReference } from '../../contract/index.ts'
import { type Engine, openEngine, quoteName } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { latestRelation, listGroups, openGroup, type Snapshot, whileReading } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { refuseFileReaders } from '../transforms/inputs.ts'
import { parseTable, quoteReferences } from './snapshot-references.ts'

/** A checked SELECT over feature groups, in an engine that can reach nothing else. */
export interface OpenQuery {
  readonly engine: Engine
  /** The statement in a form that may stand in brackets. */
  readonly select: string
  /** Table of the query -> the snapshot that it means. */
  readonly tables: Readonly<Record<string, SnapshotReference>>
}

export type QueryProject = Pick<Project, 'state' | 'store' | 'sources'>

/** Lends a query to `work`; `folder` may be written to besides. Errors: FTI_SQL_NOT_SELECT, FTI_GROUP_UNKNOWN, FTI_SQL_READS_FILES. */
export async function withQuery<T>(
  project: QueryProject,
  sql: string,
  work: (query: OpenQuery) => Promise<T>,
  folder?: string,
): Promise<T> {
  const engine = await openEngine({
    tempDirectory: join(project.state, 'tmp'),
    allowedDirectories: [project.store, ...(folder === undefined ? [] : [folder])],
  })
  const read: Snapshot[] = []
  return withCleanUp(
    () => whileReading(read, async () => work(await open(engine, project, sql, read))),
    () => engine.close(),
  )
}

async function open(engine: Engine, project: QueryProject, sql: string, read: Snapshot[]): Promise<OpenQuery> {
  const statement = await engine.inspectSelect(quoteReferences(sql))
  refuseFileReaders({ ...statement, tables: [] }, 'the query')
  const known = await listGroups(project.store)
  const tables: Record<string, SnapshotReference> = {}
  for (const table of statement.tables) tables[table] = await defineTable(engine, project, table, { known, read })
  return { engine, select: statement.text, tables }
}

async function defineTable(
  engine: Engine,
  project: QueryProject,
  table: string,
  { known, read }: { readonly known: readonly string[]; readonly read: Snapshot[] },
): Promise<SnapshotReference> {
  const { group, at, isHistory } = parseTable(table)
  if (!known.includes(group)) throw unknownGroup(project, group, known)
  const moment = at.kind === 'latest' ? undefined : at.kind === 'time' ? at.time : at.snapshot
  const view = await openGroup(project.store, group, { at: moment })
  read.push(view.snapshot)
  const rows = isHistory ? view.raw : latestRelation(view.snapshot, view.published.contract)
  await engine.execute(`CREATE VIEW ${quoteName(table)} AS ${rows}`)
  return view.reference
}

function unknownGroup({ sources }: QueryProject, group: string, known: readonly string[]): FtiError {
  const isSource = sources.has(group)
  return new FtiError(featureErrors.FTI_GROUP_UNKNOWN, {
    message: isSource
      ? `'${group}' is a source; a query reads feature groups`
      : `the store has no feature group '${group}'`,
    remedy: isSource && known.length > 0 ? `known: ${known.join(', ')}` : didYouMean(group, known),
    data: { group, known },
  })
}
