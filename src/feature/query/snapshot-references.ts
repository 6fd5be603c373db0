import { FtiError } from '../../base/index.ts'
import { parseSnapshotSelector, type SnapshotSelector } from '../../contract/index.ts'
import { quoteName } from '../../engine/index.ts'
import { featureErrors } from '../errors.ts'

/** A table that a query reads: a group's latest values, or its raw rows, now or at a snapshot. */
export interface GroupTable extends SnapshotSelector {
  readonly isHistory: boolean
}

const historySuffix = '__history'

/** Text and comments of SQL as they are; a name that may be followed by `@17` or `@{2026-05-01T00:00Z}`. */
const pieces =
  /[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|("(?:[^"]|"")*"|[A-Za-z_]\w*)(?:@(\d+|\{[^}]*\}))?/g

/** `from airport@17 a` -> `from "airport@17" a`: DuckDB takes such a name only in quotes. */
export function quoteReferences(sql: string): string {
  return sql.replace(pieces, (piece, _tag, name: string | undefined, at: string | undefined) => {
    if (name === undefined || at === undefined) return piece
    const bare = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
    return quoteName(`${bare}@${at}`)
  })
}

/** What a table's name in a query means. */
export function parseTable(table: string): GroupTable {
  const [name = '', at] = table.split(/@(.*)/s)
  const isHistory = name.endsWith(historySuffix)
  const group = isHistory ? name.slice(0, -historySuffix.length) : name
  if (/[/\\*:]|\.(csv|tsv|json|ndjson|jsonl|parquet)(\.gz|\.zst)?$/i.test(name)) {
    throw new FtiError(featureErrors.FTI_SQL_READS_FILES, {
      message: `the query reads the file '${name}'`,
      remedy: 'read feature groups; declare the file under sources: and make a group of it',
    })
  }
  return { ...parseSnapshotSelector(at === undefined ? group : `${group}@${at}`), isHistory }
}
