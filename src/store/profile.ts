import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { baseErrors, createFile, FtiError, isSystemError, makeDirectory, safeName } from '../base/index.ts'
import type { ColumnProfile, Profile, SnapshotReference, Value, ValueType } from '../contract/index.ts'
import { isNumeric } from '../contract/index.ts'
import { type Engine, inFrom, quoteName, quoteText } from '../engine/index.ts'

interface ProfiledColumn {
  readonly name: string
  readonly type: ValueType
}

const quantiles = [0.05, 0.25, 0.5, 0.75, 0.95]
const bins = 20
const topValues = 20
/** Beyond this many rows distinct values are estimated, and quantiles are those of about as many rows. */
const exactRows = 100_000

/**
 * Statistics of all rows of a relation, in three passes whatever the number of columns: sums, then histograms
 * (which need the range), then the most frequent values. NaN and infinities are values, but enter no moment or bin.
 */
export async function profileRelation(
  engine: Engine,
  relation: string,
  columns: readonly ProfiledColumn[],
  signal?: AbortSignal,
): Promise<Profile> {
  const from = inFrom(relation)
  const summary = await summarize(engine, from, columns, signal)
  const edges = columns.map((column, index) => edgesOf(column, summary, index))
  const counts = await countBins(engine, from, columns, edges, signal)
  const top = await mostFrequent(engine, from, columns, signal)
  const profiles = columns.map((column, index): ColumnProfile => {
    const of = <T>(statistic: string) => (summary[`${statistic}_${index}`] ?? undefined) as T | undefined
    const numbers = isNumeric(column.type) && of('mean') !== undefined
    return {
      name: column.name,
      type: column.type,
      count: summary.rows,
      nulls: summary.rows - (of<number>('filled') ?? 0),
      distinct: distinctOf(of<number>('distinct') ?? 0, top.get(index)),
      min: of<Value>('min'),
      max: of<Value>('max'),
      ...(numbers
        ? {
            mean: of('mean'),
            standardDeviation: of('deviation') ?? 0,
            quantiles: of('quantiles'),
            histogram: counts[index],
          }
        : {}),
      ...(hasTop(column) ? { top: top.get(index) ?? [] } : {}),
    }
  })
  return { format: 1, rows: summary.rows, columns: profiles }
}

/** A complete list of the values knows better than an estimate. */
function distinctOf(counted: number, top: readonly unknown[] | undefined): number {
  return top !== undefined && top.length < topValues ? top.length : counted
}

/** Stores the profile of a snapshot. A snapshot never changes, so a profile that is there already stays. */
export async function writeProfile(root: string, reference: SnapshotReference, profile: Profile): Promise<void> {
  const path = profilePath(root, reference)
  await makeDirectory(dirname(path))
  await createFile(path, `${JSON.stringify(profile)}\n`)
}

/** The profile of a snapshot; `undefined` when the run that made the snapshot died before it. */
export async function readProfile(root: string, reference: SnapshotReference): Promise<Profile | undefined> {
  const path = profilePath(root, reference)
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Profile
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    if (!(error instanceof SyntaxError)) throw error
    throw new FtiError(baseErrors.FTI_FILE_CORRUPT, {
      message: 'a profile cannot be read',
      place: path,
      remedy: 'delete this file; the next run of the feature group makes it again',
      cause: error,
    })
  }
}

export function profilePath(root: string, { group, contractVersion, snapshot }: SnapshotReference): string {
  return join(root, '_profiles', safeName(group, 'feature group'), `v${contractVersion}`, `${snapshot}.json`)
}

type Summary = { readonly rows: number } & Readonly<Record<string, unknown>>

async function summarize(
  engine: Engine,
  from: string,
  columns: readonly ProfiledColumn[],
  signal?: AbortSignal,
): Promise<Summary> {
  const [counted] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${from}`, signal)
  const share = Math.ceil((counted?.rows ?? 0) / exactRows)
  const distinct = share <= 1 ? 'count(DISTINCT ' : 'approx_count_distinct('
  // A sample by the rows' own hash is the same on every machine and in every run; DuckDB's approximate quantiles are not.
  const sampled = share <= 1 ? '' : ' FILTER (_sampled)'
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  const source = share <= 1 ? from : `(SELECT *, hash(${names}) % ${share} = 0 AS _sampled FROM ${from})`
  const items = columns.flatMap((column, index) => {
    const value = finite(column)
    const number = `CAST(${value} AS DOUBLE)`
    const moments = [
      `avg(${number}) AS mean_${index}`,
      `stddev_samp(${number}) AS deviation_${index}`,
      `quantile_cont(${number}, [${quantiles}])${sampled} AS quantiles_${index}`,
    ]
    return [
      `count(${quoteName(column.name)}) AS filled_${index}`,
      `${distinct}${quoteName(column.name)}) AS distinct_${index}`,
      `min(${value}) AS min_${index}`,
      `max(${value}) AS max_${index}`,
      ...(isNumeric(column.type) ? moments : []),
    ]
  })
  const [summary] = await engine.rows<Summary>(
    `SELECT ${['count(*) AS rows', ...items].join(', ')} FROM ${source}`,
    signal,
  )
  return summary ?? { rows: 0 }
}

/** The column's value, null where it is not finite. */
function finite({ name, type }: ProfiledColumn): string {
  const column = quoteName(name)
  const floating = type === 'float32' || type === 'float64' || type === 'timestamp'
  return floating ? `CASE WHEN isfinite(${column}) THEN ${column} END` : column
}

function edgesOf(column: ProfiledColumn, summary: Summary, index: number): number[] | undefined {
  if (!isNumeric(column.type)) return undefined
  const [min, max] = [Number(summary[`min_${index}`] ?? Number.NaN), Number(summary[`max_${index}`] ?? Number.NaN)]
  if (!Number.isFinite(max - min)) return undefined
  if (min === max) return [min, max]
  return Array.from({ length: bins + 1 }, (_, bin) => (bin === bins ? max : min + ((max - min) * bin) / bins))
}

async function countBins(
  engine: Engine,
  from: string,
  columns: readonly ProfiledColumn[],
  edges: readonly (number[] | undefined)[],
  signal?: AbortSignal,
): Promise<ColumnProfile['histogram'][]> {
  const items = columns.flatMap((column, index) => {
    const upper = edges[index]?.slice(1).map((edge) => quoteText(String(edge)))
    return upper ? [`histogram(CAST(${finite(column)} AS DOUBLE), [${upper}]::DOUBLE[]) AS bins_${index}`] : []
  })
  if (items.length === 0) return []
  const [row] = await engine.rows<Record<string, { value: number }[]>>(
    `SELECT ${items.join(', ')} FROM ${from}`,
    signal,
  )
  return edges.map((edge, index) => {
    const counted = row?.[`bins_${index}`]
    // DuckDB may add a last bin for what lies beyond the largest edge; here that is nothing.
    return edge && counted
      ? { edges: edge, counts: counted.slice(0, edge.length - 1).map(({ value }) => value) }
      : undefined
  })
}

function hasTop({ type }: ProfiledColumn): boolean {
  return type === 'string' || type === 'boolean' || type === 'date'
}

async function mostFrequent(
  engine: Engine,
  from: string,
  columns: readonly ProfiledColumn[],
  signal?: AbortSignal,
): Promise<Map<number, { value: Value; count: number }[]>> {
  const parts = columns.flatMap((column, index) => {
    const name = quoteName(column.name)
    const select = `SELECT ${index} AS i, CAST(${name} AS VARCHAR) AS value, count(*) AS count FROM ${from}
      WHERE ${name} IS NOT NULL GROUP BY ${name} ORDER BY count DESC, value LIMIT ${topValues}`
    return hasTop(column) ? [`(${select})`] : []
  })
  const top = new Map<number, { value: Value; count: number }[]>()
  if (parts.length === 0) return top
  const sql = `SELECT * FROM (${parts.join(' UNION ALL ')}) ORDER BY i, count DESC, value`
  for (const { i, value, count } of await engine.rows<{ i: number; value: string; count: number }>(sql, signal)) {
    const typed = columns[i]?.type === 'boolean' ? value === 'true' : value
    top.set(i, [...(top.get(i) ?? []), { value: typed, count }])
  }
  return top
}
