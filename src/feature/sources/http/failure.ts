import { type ErrorEntry, FtiError, formatDuration } from '../../../base/index.ts'
import type { HttpSource } from '../../../contract/index.ts'
import { featureErrors } from '../../errors.ts'
import { shownUrl } from '../where-is.ts'
import { longestWaitMs } from './retry-after.ts'

/** Why a request gave no answer. */
export interface HttpFailure {
  readonly entry: ErrorEntry
  /** Follows the name of the source. */
  readonly what: string
  readonly remedy: string
  /** Trying again may help. */
  readonly mayPass: boolean
  /** What the server asks to wait. */
  readonly waitMs?: number | undefined
  readonly detail?: string | undefined
  readonly cause?: unknown
}

/** Statuses of servers that are busy or broken for now. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504])

/** What a status or a broken connection means. Errors that are not of the network are thrown. */
export async function failureOf(source: HttpSource, cause: unknown, waitMs?: number): Promise<HttpFailure> {
  if (cause instanceof Response) return ofStatus(source, cause, waitMs)
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : ''
  const isTimeout = cause instanceof DOMException && cause.name === 'TimeoutError'
  if (!isTimeout && !(cause instanceof TypeError)) throw cause
  const what = isTimeout
    ? `says nothing: ${cause.message}`
    : (spoken[code] ?? `broke off the answer (${code || cause.message})`)
  return {
    entry: featureErrors.FTI_SOURCE_UNREACHABLE,
    what,
    remedy: `see whether the server runs and can be reached from here: curl ${shownUrl(source.url)}`,
    // A name that does not exist and a certificate that is not trusted stay so.
    mayPass: code !== 'ENOTFOUND' && !/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code),
    cause,
  }
}

const spoken: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses the connection',
  ECONNRESET: 'closed the connection',
  UND_ERR_SOCKET: 'closed the connection',
  ENOTFOUND: 'is on a host that does not exist',
  EAI_AGAIN: 'is on a host whose name cannot be looked up now',
  EHOSTUNREACH: 'is on a host that cannot be reached',
  ENETUNREACH: 'is on a network that cannot be reached',
}

async function ofStatus(source: HttpSource, response: Response, waitMs: number | undefined): Promise<HttpFailure> {
  const { status, statusText } = response
  const detail = await excerpt(source, response)
  const any = { what: `answered ${status} ${statusText}`.trim(), mayPass: passing.has(status), waitMs, detail }
  const headers = `sources.${source.name}.headers`
  if (status === 401 || status === 403 || status === 407) {
    const remedy = `check what ${headers} sends, and that its environment variables hold secrets that are still good`
    return { ...any, entry: featureErrors.FTI_SOURCE_DENIED, remedy }
  }
  if (status === 404 || status === 410) {
    return { ...any, entry: featureErrors.FTI_SOURCE_MISSING, remedy: `correct sources.${source.name}.url` }
  }
  const remedy =
    waitMs !== undefined && waitMs > longestWaitMs
      ? `run it again in ${formatDuration(waitMs)}, as the server asks`
      : any.mayPass
        ? 'run it again later; nothing was committed'
        : `correct sources.${source.name}: the server does not take this request`
  return { ...any, entry: featureErrors.FTI_SOURCE_UNREACHABLE, remedy }
}

/** The beginning of what the server said, without what we sent it in secret. */
async function excerpt(source: HttpSource, response: Response): Promise<string | undefined> {
  let text = ''
  try {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString('utf8')
      if (text.length > 400) break
    }
  } catch {
    // The status is what matters.
  }
  for (const value of Object.values(source.headers)) {
    for (const secret of [value, ...value.split(/\s+/)]) if (secret.length > 3) text = text.replaceAll(secret, '***')
  }
  const shown = text
    .slice(0, 400)
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
  return shown === '' ? undefined : shown
}

/** The failure as an error, after so many attempts. */
export function refusal(source: HttpSource, url: string, failure: HttpFailure, attempts: number): FtiError {
  const { entry, what, remedy, detail, cause } = failure
  const often = attempts === 1 ? '' : `, ${attempts} times`
  return new FtiError(entry, {
    message: `source '${source.name}' ${what}${often}`,
    place: shownUrl(url),
    remedy,
    detail,
    data: { source: source.name, attempts },
    cause,
  })
}
