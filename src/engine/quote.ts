import { basename, dirname, join } from 'node:path'

/** An identifier as SQL text: any name is safe, whatever quotes or keywords it holds. */
export function quoteName(name: string): string {
  return `"${withoutNul(name).replaceAll('"', '""')}"`
}

/** A string as an SQL literal. */
export function quoteText(text: string): string {
  return `'${withoutNul(text).replaceAll("'", "''")}'`
}

/** A moment, ISO 8601, as an SQL literal. */
export function quoteTime(iso: string): string {
  return `TIMESTAMPTZ ${quoteText(iso)}`
}

const pattern = /[*?[]/

/**
 * The path of one file as an SQL literal. DuckDB takes `*`, `?` and `[` for a pattern, which may match other files and not this
 * one. A folder's name cannot be spelled otherwise, for the allowed folders are compared as text; there DuckDB takes the path as it is
 * once the pattern has matched nothing, as it does for a name with a backslash.
 */
export function quoteFile(path: string): string {
  const [folder, name] = [dirname(path), basename(path)]
  if (pattern.test(folder) || name.includes('\\')) return quoteText(path)
  return quoteText(join(folder, name.replace(/[*?[]/g, '[$&]')))
}

/** A relation (a SELECT's text, or the quoted name of a table or view) in the form that may follow FROM or JOIN. */
export function inFrom(relation: string): string {
  return /^\s*(select|from|with|values)\b/i.test(relation) ? `(${relation}\n)` : relation
}

/** DuckDB's C interface would end the statement at a NUL, inside the quotes. */
function withoutNul(text: string): string {
  if (text.includes('\0')) throw new TypeError('SQL text cannot hold a NUL character')
  return text
}
