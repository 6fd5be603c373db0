import { canonicalJson, FtiError } from '../base/index.ts'
import { engineErrors } from './errors.ts'

/** What one SELECT is made of, from its syntax tree. */
export interface SelectStatement {
  /** Tables and views it reads, without its own common table expressions; each once, in order of appearance. */
  readonly tables: readonly string[]
  /** Functions in FROM, such as `read_csv` or `query`, which can reach data that no name in `tables` shows. */
  readonly tableFunctions: readonly string[]
  /** Canonical JSON of the syntax tree without positions: equal for statements that differ in layout and comments alone. */
  readonly tree: string
  /** The statement in a form that may stand in brackets: no semicolon and no comment behind it. */
  readonly text: string
}

interface Serialized {
  readonly error: boolean
  readonly error_message?: string
  readonly position?: string
  readonly statements?: readonly unknown[]
}

/** Reads the answer of `json_serialize_sql`; an error unless it holds exactly one SELECT. */
export function readSelect(json: string, sql: string, text: string): SelectStatement {
  const serialized = JSON.parse(json) as Serialized
  if (serialized.error) throw notParsed(serialized, sql)
  const statements = serialized.statements ?? []
  if (statements.length === 0) throw notSelect('there is no statement where one SELECT belongs')
  if (statements.length > 1) throw notSelect(`there are ${statements.length} statements where one SELECT belongs`)
  const found: Found = { tables: new Set(), tableFunctions: new Set() }
  collect(statements[0], new Set(), found)
  return {
    tables: [...found.tables],
    tableFunctions: [...found.tableFunctions],
    tree: canonicalJson(withoutPositions(statements[0])),
    text,
  }
}

interface Found {
  readonly tables: Set<string>
  readonly tableFunctions: Set<string>
}

type Node = Readonly<Record<string, unknown>>

function collect(node: unknown, scope: ReadonlySet<string>, found: Found): void {
  if (Array.isArray(node)) for (const child of node) collect(child, scope, found)
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return
  const { type, cte_map: ctes, ...rest } = node as Node
  if (type === 'BASE_TABLE') addTable(node as Node, scope, found)
  if (type === 'TABLE_FUNCTION') found.tableFunctions.add(String((rest['function'] as Node)['function_name']))
  const inner = new Set(scope)
  const entries = ((ctes as Node | undefined)?.['map'] ?? []) as { readonly key: string; readonly value: unknown }[]
  for (const { key, value } of entries) {
    // Inside its own body a name still means the table, unless the expression is recursive.
    const body = isRecursive(value) ? new Set([...inner, key.toLowerCase()]) : inner
    collect(value, body, found)
    inner.add(key.toLowerCase())
  }
  for (const child of Object.values(rest)) collect(child, inner, found)
}

function addTable(node: Node, scope: ReadonlySet<string>, found: Found): void {
  const name = String(node['table_name'])
  const path = [node['catalog_name'], node['schema_name']].filter((part) => part !== '' && part !== undefined)
  if (path.length === 0 && scope.has(name.toLowerCase())) return
  found.tables.add([...path, name].join('.'))
}

function isRecursive(value: unknown): boolean {
  return JSON.stringify(value).includes('"RECURSIVE_CTE_NODE"')
}

function withoutPositions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPositions)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => key !== 'query_location')
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutPositions(member)]))
}

function notParsed(serialized: Serialized, sql: string): FtiError {
  const what = serialized.error_message ?? 'the statement cannot be read'
  // Without a position: "Only SELECT statements can be serialized to json!"
  if (serialized.position === undefined) return notSelect('the statement is no SELECT')
  // DuckDB counts characters, not UTF-16 units.
  const before = [...sql].slice(0, Number(serialized.position)).join('').split('\n')
  const line = sql.split('\n')[before.length - 1] ?? ''
  const mark = `LINE ${before.length}: `
  return new FtiError(engineErrors.FTI_SQL_FAILED, {
    message: `Parser Error: ${what}`,
    detail: `${mark}${line}\n${' '.repeat(mark.length + (before.at(-1)?.length ?? 0))}^`,
    remedy: 'correct the statement at the mark',
  })
}

function notSelect(what: string): FtiError {
  return new FtiError(engineErrors.FTI_SQL_NOT_SELECT, {
    message: what,
    remedy: 'write exactly one SELECT (WITH … is fine); fti itself writes tables and files',
  })
}
