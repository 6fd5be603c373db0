import { baseErrors, type ExitCode, exitCode, FtiError, storageError } from '../../base/index.ts'
import { cliErrors } from './errors.ts'
import { usageError } from './usage-error.ts'

/** What becomes of an error: shown with its remedy, hardly mentioned, or reported as a bug with its stack. */
export interface Fate {
  readonly kind: 'expected' | 'cancelled' | 'bug'
  readonly exit: ExitCode
  readonly code: string
  readonly message: string
  readonly place: string | undefined
  readonly remedy: string
  readonly detail: string | undefined
  readonly data: Readonly<Record<string, unknown>> | undefined
}

export interface FateContext {
  /** The id of the command that ran, such as `feature:run`. */
  readonly command: string | undefined
  /** True when the user had asked to stop. */
  readonly aborted: boolean
}

export function fateOf(error: unknown, context: FateContext): Fate {
  const known = error instanceof FtiError ? error : (usageError(error, context.command) ?? storage(error))
  if (known instanceof FtiError) {
    const kind = known.code === baseErrors.FTI_INTERRUPTED.code ? 'cancelled' : 'expected'
    const { exit, code, message, place, remedy, detail, data } = known
    return { kind, exit, code, message, place, remedy, detail, data }
  }
  if (context.aborted || isPromptClosed(error)) return cancelled
  return bug(error)
}

/** A refusal of the operating system that no room has translated: a full disk and a missing permission are no bugs. */
function storage(error: unknown): unknown {
  const path = error instanceof Error && 'path' in error ? String(error.path) : undefined
  return path === undefined ? error : storageError(error, path)
}

/** @inquirer/prompts rejects with this when Ctrl-C is pressed inside a question. */
function isPromptClosed(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError')
}

const cancelled: Fate = {
  kind: 'cancelled',
  exit: exitCode.interrupted,
  code: baseErrors.FTI_INTERRUPTED.code,
  message: 'cancelled',
  place: undefined,
  remedy: 'run the command again to start over',
  detail: undefined,
  data: undefined,
}

function bug(error: unknown): Fate {
  return {
    kind: 'bug',
    exit: cliErrors.FTI_BUG.exit,
    code: cliErrors.FTI_BUG.code,
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    place: undefined,
    remedy: 'this is a bug in fti: report it with these lines, the command, and the output of `fti doctor --json`',
    detail: error instanceof Error ? stackOf(error) : undefined,
    data: undefined,
  }
}

/** The stack with those of its causes. */
function stackOf(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own
}
