import type { ValueType } from './value-type.ts'

export const sourceTypes = ['csv', 'json', 'ndjson', 'parquet'] as const

/** Where raw data comes from: files by path or glob, read as they are. */
export interface Source {
  readonly name: string
  readonly type: (typeof sourceTypes)[number]
  /** Absolute path or glob; files ending in .gz are decompressed. */
  readonly path: string
  /** Strings that mean null, such as `NA`; csv only. */
  readonly nulls: readonly string[]
  /** Declared column types; columns that are absent are sniffed from the data. */
  readonly types: Readonly<Record<string, ValueType>>
  /** IANA zone of timestamps that carry none. Without it such a timestamp is an error. */
  readonly timeZone?: string | undefined
  /** Field separator; csv only, `,` unless declared. */
  readonly delimiter: string
  /** Character encoding; csv only. */
  readonly encoding: 'utf-8' | 'latin-1'
}
