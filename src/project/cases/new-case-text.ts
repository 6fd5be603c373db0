/** What a new case says. */
export interface NewCase {
  readonly description: string
  /** Source or group -> its rows, or the file beside the case that holds them. */
  readonly given: Readonly<Record<string, NewTable | string>>
  readonly expect?: readonly NewRow[] | undefined
  readonly refused?: readonly NewRow[] | undefined
  readonly error?: string | undefined
  readonly batch?: 'skip' | undefined
}

interface NewTable {
  readonly rows: readonly NewRow[]
  readonly types?: Readonly<Record<string, string>> | undefined
}

type NewRow = Readonly<Record<string, unknown>>

/** A case as the text of its file: one line for each row. */
export async function newCaseText({ description, given, ...rest }: NewCase): Promise<string> {
  const { stringify } = await import('yaml')
  // YAML 1.1 quotes what an older reader would take for another type.
  const flow = (value: unknown) =>
    stringify(value, { version: '1.1', collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim()
  const list = (rows: readonly NewRow[], indent: string) => rows.map((row) => `${indent}- ${flow(row)}\n`).join('')
  const lines = [`description: ${flow(description)}\n`, 'given:\n']
  for (const [name, table] of Object.entries(given)) {
    if (typeof table === 'string') lines.push(`  ${flow(name)}: ${flow(table)}\n`)
    else if (table.types === undefined) lines.push(`  ${flow(name)}:\n`, list(table.rows, '    '))
    else lines.push(`  ${flow(name)}:\n    types: ${flow(table.types)}\n    rows:\n`, list(table.rows, '      '))
  }
  for (const key of ['error', 'batch'] as const) if (rest[key] !== undefined) lines.push(`${key}: ${rest[key]}\n`)
  for (const key of ['expect', 'refused'] as const) {
    const rows = rest[key]
    if (rows !== undefined) lines.push(`${key}:\n`, list(rows, '  '))
  }
  return lines.join('')
}
