import { FtiError } from './error.ts'
import { type ExitCode, exitCode } from './exit-code.ts'

/** An error as plain data: for a report in which one thing failed and others did not. */
export interface ErrorFacts {
  /** Null for a bug. */
  readonly code: string | null
  readonly exit: ExitCode
  readonly message: string
  readonly place?: string | undefined
  readonly remedy?: string | undefined
  readonly detail?: string | undefined
  readonly data?: Readonly<Record<string, unknown>> | undefined
}

export function errorFacts(error: unknown): ErrorFacts {
  if (error instanceof FtiError) {
    const { code, exit, message, place, remedy, detail, data } = error
    return { code, exit, message, place, remedy, detail, data }
  }
  const stack = error instanceof Error ? error.stack : undefined
  return {
    code: null,
    exit: exitCode.failed,
    message: error instanceof Error ? error.message : String(error),
    detail: stack,
    remedy: 'this is a bug in fti: please report it with the lines above',
  }
}
