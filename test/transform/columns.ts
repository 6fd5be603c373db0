import type { ColumnBatch } from '../../src/engine/index.ts'

/** A batch from plain lists: numbers (null or NaN is null) and texts. */
export function batchOf(columns: Record<string, readonly (number | string | null)[]>): ColumnBatch {
  const entries = Object.entries(columns).map(([name, list]) => {
    if (list.some((value) => typeof value === 'string')) return [name, { kind: 'text', values: list }] as const
    const values = Float64Array.from(list, (value) => (value === null ? Number.NaN : (value as number)))
    return [
      name,
      { kind: 'number', values, nulls: Uint8Array.from(list, (value) => (value === null ? 1 : 0)) },
    ] as const
  })
  return {
    rows: Object.values(columns)[0]?.length ?? 0,
    columns: Object.fromEntries(entries) as ColumnBatch['columns'],
  }
}

export function textColumn(values: (string | null)[]): ColumnBatch['columns'][string] {
  return { kind: 'text', values }
}
