import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createFile, FtiError, makeDirectory, newId } from '../../base/index.ts'
import { storeErrors } from '../errors.ts'
import type { WrittenFile } from './data-writer.ts'
import type { CommitInfo, CommitMark, DeltaAction, DeltaField, Metadata } from './delta-action.ts'
import { fileStatistics } from './file-statistics.ts'
import { logFile } from './log.ts'
import { ourProtocol, refuseUnwritable, unsupported } from './protocol.ts'
import type { DataFile, Snapshot } from './snapshot.ts'

/** Tag of a file in the log: SHA-256 of its bytes, for `fti store verify`. */
export const digestTag = 'fti.sha256'

/** What a commit adds to a table's log, whole or not at all. */
export interface TableChange {
  /** `WRITE`, `CREATE TABLE`, … as Delta's history shows it. */
  readonly operation: string
  readonly now: Date
  /** Files that already lie durable in the table's folder. */
  readonly add?: readonly WrittenFile[]
  readonly remove?: readonly DataFile[]
  /** False when the added files hold exactly the rows of the removed ones. */
  readonly dataChange?: false
  /** The schema from this commit on; unchanged when absent. */
  readonly schema?: readonly DeltaField[] | undefined
  readonly mark?: Omit<CommitMark, 'commitId'> | undefined
  /** Makes a batch land once: readers of the log skip what they see there. */
  readonly transaction?: { readonly appId: string; readonly version: number } | undefined
}

export interface NewTable {
  readonly name: string
  readonly description?: string | undefined
  readonly configuration?: Readonly<Record<string, string>> | undefined
}

/** Creates a table as version 0, with its first rows if there are any; a conflict when it exists already. */
export async function createTable(
  table: string,
  description: NewTable,
  change: TableChange & { readonly schema: readonly DeltaField[] },
): Promise<number> {
  await makeDirectory(join(table, '_delta_log'))
  const metadata: Metadata = {
    id: randomUUID(),
    name: description.name,
    ...(description.description === undefined ? {} : { description: description.description }),
    format: { provider: 'parquet', options: {} },
    schemaString: schemaString(table, change.schema),
    partitionColumns: [],
    configuration: description.configuration ?? {},
    createdTime: change.now.getTime(),
  }
  return writeEntry(table, 0, change, change.schema, [{ protocol: ourProtocol }, { metaData: metadata }])
}

/**
 * Appends one version to the log of a table read at `snapshot`. Returns the new version; a conflict when
 * another writer took that number first, and then nothing has changed.
 */
export async function commitTable(snapshot: Snapshot, change: TableChange): Promise<number> {
  const { table, metadata } = snapshot
  refuseUnwritable(table, snapshot.protocol, metadata)
  const evolved: DeltaAction[] =
    change.schema === undefined ? [] : [{ metaData: { ...metadata, schemaString: schemaString(table, change.schema) } }]
  const monotone = { ...change, now: new Date(Math.max(change.now.getTime(), snapshot.timestamp)) }
  return writeEntry(table, snapshot.version + 1, monotone, change.schema ?? snapshot.schema, evolved)
}

async function writeEntry(
  table: string,
  version: number,
  change: TableChange,
  schema: readonly DeltaField[],
  head: readonly DeltaAction[],
): Promise<number> {
  const commitId = newId(change.now)
  const time = change.now.getTime()
  const { transaction, dataChange = true } = change
  const actions: DeltaAction[] = [
    { commitInfo: commitInfo(change, version, commitId) },
    ...head,
    ...(transaction ? [{ txn: { ...transaction, lastUpdated: time } }] : []),
    ...(change.remove ?? []).map((file) => ({
      remove: {
        path: file.add.path,
        deletionTimestamp: time,
        dataChange,
        extendedFileMetadata: true,
        partitionValues: file.add.partitionValues,
        size: file.bytes,
      },
    })),
    ...(change.add ?? []).map((file) => ({
      add: {
        path: encodeURIComponent(basename(file.path)),
        partitionValues: {},
        size: file.bytes,
        modificationTime: time,
        dataChange,
        stats: fileStatistics(file, schema),
        tags: { [digestTag]: file.sha256 },
      },
    })),
  ]
  const path = logFile(table, version)
  const text = `${actions.map((action) => JSON.stringify(action)).join('\n')}\n`
  if (await createFile(path, text)) return version
  // A network file system may have repeated our own successful request: then the entry there is ours.
  if ((await readFile(path, 'utf8')).includes(JSON.stringify(commitId))) return version
  throw new FtiError(storeErrors.FTI_STORE_CONFLICT, {
    message: `another process committed version ${version} of this table first; this attempt changed nothing`,
    place: table,
    remedy: 'run the same command again',
  })
}

function commitInfo(change: TableChange, version: number, commitId: string): CommitInfo {
  const rows = (change.add ?? []).reduce((sum, file) => sum + file.rows, 0)
  const bytes = (change.add ?? []).reduce((sum, file) => sum + file.bytes, 0)
  return {
    timestamp: change.now.getTime(),
    operation: change.operation,
    operationParameters: version === 0 || change.remove ? {} : { mode: 'Append', partitionBy: '[]' },
    operationMetrics: {
      numFiles: String(change.add?.length ?? 0),
      ...(change.remove ? { numRemovedFiles: String(change.remove.length) } : {}),
      numOutputRows: String(rows),
      numOutputBytes: String(bytes),
    },
    engineInfo: 'fti',
    fti: { commitId, ...change.mark },
  }
}

/** Spark cannot read columns whose names have these characters, short of column mapping. */
const unusable = /[ ,;{}()\n\t=]/

function schemaString(table: string, schema: readonly DeltaField[]): string {
  const seen = new Set<string>()
  for (const { name } of schema) {
    if (unusable.test(name))
      throw unsupported(table, `the column name ${JSON.stringify(name)} (no spaces, ,;{}()= in names)`)
    if (seen.has(name.toLowerCase()))
      throw unsupported(table, `two columns named ${name}, upper and lower case being alike`)
    seen.add(name.toLowerCase())
  }
  return JSON.stringify({ type: 'struct', fields: schema })
}
