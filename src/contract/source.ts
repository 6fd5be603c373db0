import type { ValueType } from './value-type.ts'

/** Formats of files that are read as they are. */
export const fileTypes = ['csv', 'json', 'ndjson', 'parquet'] as const

export const sourceTypes = [...fileTypes, 'http', 'postgres', 'sqlite', 'documents', 'delta', 'exec', 'push'] as const

/** Where raw data comes from. */
export type Source =
  | FileSource
  | HttpSource
  | PostgresSource
  | SqliteSource
  | DocumentsSource
  | DeltaSource
  | ExecSource
  | PushSource

interface AnySource {
  readonly name: string
  /** Declared column types; of other columns the source's own types hold, or what the data looks like. */
  readonly types: Readonly<Record<string, ValueType>>
  /** IANA zone of timestamps that carry none. Without it such a timestamp is an error. */
  readonly timeZone?: string | undefined
}

interface TextForm {
  /** Strings that mean null, such as `NA`; csv only. */
  readonly nulls: readonly string[]
  /** Field separator; csv only, `,` unless declared. */
  readonly delimiter: string
  /** Character encoding; csv only. */
  readonly encoding: 'utf-8' | 'latin-1'
}

/** Files by path or glob, read as they are. */
export interface FileSource extends AnySource, TextForm {
  readonly type: (typeof fileTypes)[number]
  /** Absolute path or glob; files ending in .gz are decompressed. */
  readonly path: string
}

/** What an address answers, page by page. */
export interface HttpSource extends AnySource, TextForm {
  readonly type: 'http'
  readonly url: string
  readonly format: 'csv' | 'json' | 'ndjson'
  /** Dotted path to the list of rows in a JSON answer; the answer itself unless given. */
  readonly records?: string | undefined
  /** May hold secrets: never shown, never part of a digest. */
  readonly headers: Readonly<Record<string, string>>
  readonly paging?: HttpPaging | undefined
  readonly maxPages: number
  readonly retry: { readonly times: number; readonly backoffMs: number }
  readonly requestsPerSecond?: number | undefined
  /** A request fails when the server is silent for so long. */
  readonly timeoutMs: number
}

/** How the next page is found: its URL in the answer or in the `Link` header, a cursor to send, or a page number to count up. */
export type HttpPaging =
  | { readonly kind: 'next'; readonly path: string }
  | { readonly kind: 'link' }
  | { readonly kind: 'cursor'; readonly path: string; readonly parameter: string }
  | { readonly kind: 'page'; readonly parameter: string; readonly first: number }

/** A table, or what one SELECT gives there. */
export type TableOrQuery =
  | { readonly table: string; readonly query?: undefined }
  | { readonly query: string; readonly table?: undefined }

export interface PostgresSource extends AnySource {
  readonly type: 'postgres'
  /** May hold the password: never shown, never part of a digest. */
  readonly url: string
  readonly password?: string | undefined
  readonly read: TableOrQuery
  readonly timeoutMs: number
  /** Only rows that the run needs are fetched; absent where all are. */
  readonly incremental?: IncrementalSource | undefined
}

/**
 * The column from whose time a row's place in time is made, in every group that reads the source. `historyMs`: how much older rows
 * may be that the transforms join to it.
 */
export interface IncrementalSource {
  readonly column: string
  readonly historyMs: number
}

export interface SqliteSource extends AnySource {
  readonly type: 'sqlite'
  readonly path: string
  readonly read: TableOrQuery
}

/** A folder of texts, one row each: path, title, text, modified. */
export interface DocumentsSource extends AnySource {
  readonly type: 'documents'
  readonly path: string
  /** Without the dot, in lower case. */
  readonly extensions: readonly string[]
}

/** A Delta table that another engine writes. */
export interface DeltaSource extends AnySource {
  readonly type: 'delta'
  readonly path: string
}

/** What a program writes to its standard output. */
export interface ExecSource extends AnySource {
  readonly type: 'exec'
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly string[]
  readonly output: 'ndjson' | 'parquet'
  readonly timeoutMs: number
}

/** Rows that are handed to `fti feature push`; between pushes there are none. */
export interface PushSource extends AnySource {
  readonly type: 'push'
}
