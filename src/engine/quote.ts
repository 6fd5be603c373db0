/** An identifier as SQL text: any name is safe, whatever quotes or keywords it holds. */
export function quoteName(name: string): string {
  return `"${withoutNul(name).replaceAll('"', '""')}"`
}

/** A string as an SQL literal. */
export function quoteText(text: string): string {
  return `'${withoutNul(text).replaceAll("'", "''")}'`
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
