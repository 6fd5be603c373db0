import type { ExitCode } from './exit-code.ts'

/** One entry of a room's error catalogue: what a code means and how the process ends. */
export interface ErrorEntry {
  readonly code: `FTI_${string}`
  readonly exit: ExitCode
  /** One sentence for the reference page. */
  readonly means: string
}

export type ErrorCatalogue = Readonly<Record<string, ErrorEntry>>

/** Builds a room's catalogue; the key of an entry is its code. */
export function errorCatalogue<Codes extends `FTI_${string}`>(
  entries: Readonly<Record<Codes, readonly [exit: ExitCode, means: string]>>,
): Readonly<Record<Codes, ErrorEntry>> {
  const pairs = Object.entries(entries) as [Codes, readonly [ExitCode, string]][]
  return Object.fromEntries(pairs.map(([code, [exit, means]]) => [code, { code, exit, means }])) as unknown as Record<
    Codes,
    ErrorEntry
  >
}

export interface ErrorText {
  /** What happened, in one sentence that names the thing. */
  readonly message: string
  /** Where: `file:line:column`, a table, a version. */
  readonly place?: string | undefined
  /** The exact next command to type, or what to change. */
  readonly remedy: string
  /** More lines: a caret under the source, a diff, a list of models. */
  readonly detail?: string | undefined
  /** The same for machines; appears in `--json`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
}

/** An expected error: shown without a stack, with a code, a place and a remedy. */
export class FtiError extends Error {
  override readonly name = 'FtiError'
  readonly code: string
  readonly exit: ExitCode
  readonly place: string | undefined
  readonly remedy: string
  readonly detail: string | undefined
  readonly data: Readonly<Record<string, unknown>> | undefined

  constructor(entry: ErrorEntry, text: ErrorText) {
    super(text.message, text.cause === undefined ? undefined : { cause: text.cause })
    this.code = entry.code
    this.exit = entry.exit
    this.place = text.place
    this.remedy = text.remedy
    this.detail = text.detail
    this.data = text.data
  }
}

/** The same error with some of its text said otherwise, by whoever knows more about where it happened. */
export function amended(error: FtiError, text: Partial<ErrorText>): FtiError {
  const { code, exit, message, place, remedy, detail, data, cause } = error
  return new FtiError(
    { code: code as ErrorEntry['code'], exit, means: '' },
    { message, place, remedy, detail, data, cause, ...text },
  )
}

/** True for an error of Node or the operating system with one of these codes, such as `EEXIST`; for any failed call of the system when none is named. */
export function isSystemError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error && 'code' in error)) return false
  return codes.length === 0 ? 'syscall' in error : codes.includes(String(error.code))
}
