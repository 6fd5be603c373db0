import { join } from 'node:path'
import { type Engine, quoteFile } from '../../engine/index.ts'
import { listLog } from '../delta/log.ts'
import { readSnapshot } from '../delta/snapshot.ts'
import { lifetimesOf } from '../maintenance/reachable-files.ts'
import { type StoreTable, storeTables } from '../maintenance/store-tables.ts'
import { listDataFiles } from '../maintenance/vacuum-table.ts'
import { type EntityToForget, isAbout, type Naming, namingOf } from './entity-to-forget.ts'
import { checkpointsMentioning, entriesMentioning } from './log-mentions.ts'
import { isNamedInTextOnly, isRefusedRowAbout } from './refused-rows.ts'

/** A data file with rows of the entity. */
export interface HoldingFile {
  /** Relative to the table. */
  readonly path: string
  readonly rows: number
  /** First and last snapshot that need it, `to` null while it is in the newest one; `from` null for a file of no snapshot. */
  readonly from: number | null
  readonly to: number | null
}

/** What a table holds of an entity. */
export interface HoldingTable {
  readonly group: string
  /** `v` and the contract version, or `quarantine`. */
  readonly name: string
  readonly path: string
  /** Column of the event time; undefined where there is none. */
  readonly eventTime: string | undefined
  /** Rows of the newest snapshot. */
  readonly rows: number
  /** How many of its rows, in all files, are lines of a stream whose text has the key and that nobody can read it from. */
  readonly namedInText: number
  readonly files: readonly HoldingFile[]
  /** Versions of the log whose statistics name a part of the key. */
  readonly entries: readonly number[]
  readonly checkpoints: readonly number[]
  /** Whether a snapshot, such as one that a dataset was made from, reads a file that holds the entity. */
  readonly isNeededBy: (snapshot: number) => boolean
}

/**
 * The tables of these groups that hold something of the entity on disk, in whatever version: those with its columns as a key,
 * or as features; with the quarantine of each group, whose rows are of all its contract versions.
 */
export async function tablesHolding(
  engine: Engine,
  root: string,
  { groups, entity, naming }: { groups: readonly string[]; entity: EntityToForget; naming: Exclude<Naming, 'neither'> },
  signal?: AbortSignal,
): Promise<HoldingTable[]> {
  if (groups.length === 0) return []
  const holding: HoldingTable[] = []
  for (const table of await storeTables(root, groups)) {
    if (table.contract && namingOf(table.contract, entity) !== naming) continue
    const held = await heldIn(engine, table, entity, signal)
    if (held.files.length + held.entries.length + held.checkpoints.length > 0) holding.push(held)
  }
  return holding
}

/** Tables of these groups whose own key has not the entity's columns: nobody can tell which of their rows are about it. */
export async function tablesKeyedOtherwise(
  root: string,
  groups: readonly string[],
  entity: EntityToForget,
): Promise<{ readonly group: string; readonly name: string; readonly key: readonly string[] }[]> {
  if (groups.length === 0) return []
  return (await storeTables(root, groups)).flatMap(({ group, name, contract }) => {
    if (contract === undefined || namingOf(contract, entity) === 'key') return []
    return [{ group, name, key: Object.keys(contract.entity.key) }]
  })
}

async function heldIn(
  engine: Engine,
  { group, name, path, contract }: StoreTable,
  entity: EntityToForget,
  signal?: AbortSignal,
): Promise<HoldingTable> {
  const condition = contract === undefined ? isRefusedRowAbout(entity) : isAbout(entity)
  const rows = await rowsByFile(engine, path, condition, signal)
  const inText = contract === undefined ? await rowsByFile(engine, path, isNamedInTextOnly(entity), signal) : new Map()
  const listing = await listLog(path)
  const { lifetimes, sameRowsAs } = await lifetimesOf(path, listing, listing.newest ?? -1)
  const current = (await readSnapshot(path))?.files ?? []
  const staying = new Set(current.map((file) => file.path).filter((file) => !rows.has(file)))
  const mentions = { entity, staying }
  const checkpoints = await checkpointsMentioning(engine, listing, mentions)
  return {
    ...{ group, name, path, eventTime: contract?.eventTime },
    rows: current.reduce((sum, file) => sum + (rows.get(file.path) ?? 0), 0),
    namedInText: [...inText.values()].reduce((sum, count) => sum + count, 0),
    files: [...rows].map(([file, count]) => ({ path: file, rows: count, ...spanOf(lifetimes.get(file)) })),
    entries: await entriesMentioning(path, listing, mentions),
    checkpoints: checkpoints.map(({ version }) => version),
    isNeededBy: (snapshot) => {
      const read = sameRowsAs(snapshot)
      return [...rows.keys()].some((file) => lifetimes.get(file)?.some(({ from, to }) => read >= from && read <= to))
    },
  }
}

function spanOf(spans: readonly { from: number; to: number }[] | undefined): Pick<HoldingFile, 'from' | 'to'> {
  const last = spans?.at(-1)?.to
  return {
    from: spans?.[0]?.from ?? null,
    to: last === undefined || last === Number.POSITIVE_INFINITY ? null : last,
  }
}

/** Rows of the entity in every data file that lies in the table's folder, whether a version has it or not. */
export async function rowsByFile(
  engine: Engine,
  table: string,
  condition: string,
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const files = await listDataFiles(table)
  if (files.length === 0) return new Map()
  const paths = files.map((file) => quoteFile(join(table, file))).join(', ')
  const scan = `read_parquet([${paths}], hive_partitioning = false, union_by_name = true, filename = '_fti_file')`
  const found = await engine.rows<{ file: string; rows: number }>(
    `SELECT _fti_file AS file, count(*) AS rows FROM ${scan} WHERE ${condition} GROUP BY ALL ORDER BY ALL`,
    signal,
  )
  return new Map(found.map(({ file, rows }) => [file.slice(table.length + 1), rows]))
}
