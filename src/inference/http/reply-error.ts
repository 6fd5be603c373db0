import type { ErrorEntry } from '../../base/index.ts'
import type { Refusal } from './refusal.ts'

/** An answer that is not a prediction. */
export interface ErrorReply {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly remedy: string
  readonly path?: string | undefined
  readonly rule?: string | undefined
}

export function errorReply(
  status: number,
  entry: ErrorEntry,
  text: Pick<ErrorReply, 'message' | 'remedy'>,
): ErrorReply {
  return { status, code: entry.code, ...text }
}

export function refusalReply(status: number, entry: ErrorEntry, refusal: Refusal): ErrorReply {
  const { path, rule, message } = refusal
  return {
    status,
    code: entry.code,
    message: `${path} ${message}`,
    path,
    rule,
    remedy: 'compare the request with /openapi.json, which is made from the signature of the version that serves',
  }
}

/** The body of an error: never a stack, never a part of what was sent. */
export function errorBody(reply: ErrorReply, requestId: string): string {
  const { status: _, ...error } = reply
  return JSON.stringify({ error, requestId })
}
