import type { SnapshotReference, Value } from '../../contract/index.ts'
import { type QueryProject, withQuery } from './open-query.ts'

/** A small result, to look at. */
export interface QueryResult {
  /** Names as they were given, with DuckDB's types. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly Readonly<Record<string, Value>>[]
  /** True when the query has more rows than these. */
  readonly truncated: boolean
  readonly tables: Readonly<Record<string, SnapshotReference>>
}

/** Runs one SELECT over feature groups and returns its first rows. */
export async function runQuery(
  project: QueryProject,
  request: { readonly sql: string; readonly limit: number; readonly signal?: AbortSignal | undefined },
): Promise<QueryResult> {
  const { sql, limit, signal } = request
  return withQuery(project, sql, async ({ engine, select, tables }) => {
    const rows = await engine.rows<Record<string, Value>>(`SELECT * FROM (${select}\n) LIMIT ${limit + 1}`, signal)
    const columns = await engine.describe(`SELECT * FROM (${select}\n)`)
    return { columns, rows: rows.slice(0, limit), truncated: rows.length > limit, tables }
  })
}
