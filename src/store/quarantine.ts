import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isSafeName, isSystemError, safeName } from '../base/index.ts'
import { type Engine, inFrom, quoteName, quoteText } from '../engine/index.ts'
import { commitTable, createTable, type TableChange } from './delta/commit.ts'
import { whileReading } from './delta/damaged-file.ts'
import { readSnapshot, type Snapshot } from './delta/snapshot.ts'
import { deltaField, type StoredColumn } from './delta/stored-column.ts'
import { checkpointWhenDue } from './delta/write-checkpoint.ts'
import { attemptCommits } from './rows/commit-attempts.ts'
import { storedRelation } from './rows/relation.ts'

const columns: readonly StoredColumn[] = [
  { name: 'reason', type: 'string', comment: 'the rules that the row breaks' },
  { name: 'row', type: 'string', comment: 'the row as JSON, every value as text' },
  { name: 'quarantined_at', type: 'timestamp' },
  { name: 'run_id', type: 'string' },
  { name: 'input_digest', type: 'string' },
]

export interface RefusedRows {
  readonly engine: Engine
  readonly root: string
  readonly group: string
  /** Relation with the refused rows and `_reasons`, a list of text. */
  readonly refused: string
  readonly inputDigest: string
  readonly runId: string
  readonly now: Date
  readonly signal?: AbortSignal | undefined
}

/** Folder of the table that keeps a group's refused rows. */
export function quarantinePath(root: string, group: string): string {
  return join(root, '_quarantine', safeName(group, 'feature group'))
}

/** Keeps refused rows with their reasons. A row that lies there already for the same reason is not added again. */
export async function writeQuarantine(request: RefusedRows): Promise<{ snapshot: number; added: number }> {
  const table = quarantinePath(request.root, request.group)
  return attemptCommits(table, request, async (writer) => {
    const snapshot = await readSnapshot(table)
    const file = await whileReading([snapshot], async () =>
      writer.write(request.engine, await newRows(request, snapshot), request.signal),
    )
    if (file.rows === 0 && snapshot !== undefined) {
      await writer.withdraw()
      return { snapshot: snapshot.version, added: 0 }
    }
    const change: TableChange = {
      operation: 'WRITE',
      now: request.now,
      add: [file],
      mark: { runId: request.runId, inputDigest: request.inputDigest, appended: file.rows },
    }
    const description = {
      name: `${request.group} quarantine`,
      description: `Rows refused by the contract of ${request.group}`,
    }
    if (snapshot !== undefined) await checkpointWhenDue(request.engine, snapshot)
    const version =
      snapshot === undefined
        ? await createTable(table, description, { ...change, schema: columns.map(deltaField) })
        : await commitTable(snapshot, change)
    return { snapshot: version, added: file.rows }
  })
}

export interface ReleasedRows extends Pick<RefusedRows, 'engine' | 'root' | 'group' | 'now' | 'signal'> {
  /** SELECT of `reason` and `row` of those that leave. */
  readonly settled: string
}

/** Takes rows out of the quarantine whose fate is settled: they are stored, or something newer is. */
export async function releaseQuarantine(request: ReleasedRows): Promise<void> {
  const { engine, root, group, settled, now, signal } = request
  const table = quarantinePath(root, group)
  await attemptCommits(table, request, async (writer) => {
    const snapshot = await readSnapshot(table)
    if (snapshot === undefined) return
    const stored = storedRelation(snapshot, columns)
    const left = `SELECT * FROM (${stored}) ANTI JOIN (${settled}) USING (reason, row)`
    const file = await whileReading([snapshot], () => writer.write(engine, left, signal))
    const add = file.rows === 0 ? [] : [file]
    if (file.rows === 0) await writer.withdraw()
    await commitTable(snapshot, { operation: 'DELETE', now, add, remove: snapshot.files })
  })
}

/** Names of the groups that ever had a row refused, sorted. */
export async function listQuarantines(root: string): Promise<string[]> {
  const names = await readdir(join(root, '_quarantine')).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  })
  return names.filter(isSafeName).sort()
}

/** SELECT of a group's refused rows: `reason`, `row` (JSON), `quarantined_at`, `run_id`, `input_digest`. */
export async function quarantineRelation(root: string, group: string): Promise<string> {
  return storedRelation(await readSnapshot(quarantinePath(root, group)), columns)
}

async function newRows(request: RefusedRows, snapshot: Snapshot | undefined): Promise<string> {
  const from = inFrom(request.refused)
  const names = (await request.engine.describe(`SELECT * FROM ${from}`)).map(({ name }) => name)
  // As text a value survives that JSON or the declared type could not hold: NaN, 64-bit integers, a wrong type.
  const members = names
    .filter((name) => name !== '_reasons')
    .map((name) => `${quoteText(name)}, CAST(${quoteName(name)} AS VARCHAR)`)
  return `SELECT DISTINCT r.reason, r.row, TIMESTAMPTZ ${quoteText(request.now.toISOString())} AS quarantined_at,
      ${quoteText(request.runId)} AS run_id, ${quoteText(request.inputDigest)} AS input_digest
    FROM (SELECT array_to_string(_reasons, '; ') AS reason, CAST(json_object(${members.join(', ')}) AS VARCHAR) AS row FROM ${from}) r
    ANTI JOIN (${storedRelation(snapshot, columns)}) known USING (reason, row) ORDER BY ALL`
}
