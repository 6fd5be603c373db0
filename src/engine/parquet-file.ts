/** Of one column of a written file, as DuckDB prints them. Absent where the column has no value, or a NaN. */
export interface ColumnStatistics {
  readonly min?: string | undefined
  readonly max?: string | undefined
  readonly nullCount: number
  readonly hasNan?: boolean | undefined
}

export interface ParquetFile {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly statistics: Readonly<Record<string, ColumnStatistics>>
}

interface Entry<Value> {
  readonly key: string
  readonly value: Value
}

/** One row of COPY … RETURN_STATS, as JSON. */
export interface ReturnedStatistics {
  readonly filename: string
  readonly count: string | number
  readonly file_size_bytes: string | number
  readonly column_statistics: readonly Entry<readonly Entry<string>[]>[]
}

export function parquetFile(path: string, returned: ReturnedStatistics): ParquetFile {
  const statistics = returned.column_statistics.map(({ key, value }) => {
    const raw = new Map(value.map((entry) => [entry.key, entry.value]))
    const column: ColumnStatistics = {
      min: raw.get('min'),
      max: raw.get('max'),
      nullCount: Number(raw.get('null_count') ?? 0),
      hasNan: raw.get('has_nan') === 'true',
    }
    return [unquote(key), column] as const
  })
  return {
    path,
    rows: Number(returned.count),
    bytes: Number(returned.file_size_bytes),
    statistics: Object.fromEntries(statistics),
  }
}

/** DuckDB quotes the column names, for a nested column is a dotted path of them. */
function unquote(name: string): string {
  return name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
