import { open, rename } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration, storageError, throwIfCancelled } from '../../../base/index.ts'
import type { HttpSource } from '../../../contract/index.ts'
import type { ReadOptions } from '../reading.ts'
import { failureOf, type HttpFailure, refusal } from './failure.ts'
import { longestWaitMs, retryAfterMs } from './retry-after.ts'

/** An answer whose body lies in a file. */
export interface Answer {
  readonly path: string
  readonly bytes: number
  /** Where it came from in the end, after redirections. */
  readonly url: string
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  readonly link?: string | undefined
}

/** What the server may compare with, instead of sending an answer again. */
export interface Validators {
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
}

export interface HttpClient {
  /** Writes the body of an address to a file, in pieces as they come, and tries again while there is hope. */
  get(url: string, path: string, known?: Validators): Promise<Answer | 'unchanged'>
}

/** One client per source: it keeps the pace that the source asks for. */
export function httpClient(source: HttpSource, options: ReadOptions): HttpClient {
  const pace = pacer(source.requestsPerSecond, options.signal)
  return {
    get: async (url, path, known) => {
      for (let attempt = 0; ; attempt++) {
        await pace()
        const result = await getOnce(source, url, path, known, options.signal)
        if (!('failure' in result)) return result.answer
        const { failure } = result
        if (!failure.mayPass || attempt >= source.retry.times) throw refusal(source, url, failure, attempt + 1)
        const waitMs = failure.waitMs ?? backoff(source.retry.backoffMs, attempt)
        if (waitMs > longestWaitMs) throw refusal(source, url, failure, attempt + 1)
        options.say(`${source.name} ${failure.what}; trying again in ${formatDuration(waitMs)}`)
        await sleep(waitMs, undefined, { signal: options.signal }).catch(() => throwIfCancelled(options.signal))
      }
    },
  }
}

/** Twice as long each time, and a random part of it: clients that failed together must not come back together. */
function backoff(firstMs: number, attempt: number): number {
  const most = Math.min(firstMs * 2 ** attempt, longestWaitMs)
  return most / 2 + (Math.random() * most) / 2
}

function pacer(perSecond: number | undefined, signal: AbortSignal | undefined): () => Promise<void> {
  if (perSecond === undefined) return async () => {}
  let next = 0
  return async () => {
    const now = performance.now()
    const waitMs = Math.max(0, next - now)
    next = Math.max(next, now) + 1000 / perSecond
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => throwIfCancelled(signal))
  }
}

type Result = { readonly answer: Answer | 'unchanged' } | { readonly failure: HttpFailure }

async function getOnce(
  source: HttpSource,
  url: string,
  path: string,
  known: Validators | undefined,
  signal: AbortSignal | undefined,
): Promise<Result> {
  const silence = new Silence(source.timeoutMs, signal)
  try {
    const { response, finalUrl } = await follow(source, url, conditions(known), silence)
    if (response.status === 304 && known) return { answer: 'unchanged' }
    if (!response.ok) {
      const waitMs = retryAfterMs(response.headers.get('retry-after'), new Date())
      return { failure: await failureOf(source, response, waitMs) }
    }
    const saved = await save(response, path, silence)
    const header = (name: string) => response.headers.get(name) ?? undefined
    const validators = { etag: header('etag'), lastModified: header('last-modified') }
    return { answer: { ...saved, ...validators, url: finalUrl, link: header('link') } }
  } catch (error) {
    throwIfCancelled(signal)
    return { failure: await failureOf(source, error) }
  } finally {
    silence.end()
  }
}

function conditions(known: Validators | undefined): Record<string, string> {
  return {
    ...(known?.etag === undefined ? {} : { 'if-none-match': known.etag }),
    ...(known?.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified }),
  }
}

const mostRedirections = 5

/** Redirections by hand: the source's own headers, which may hold a secret, stay with the server that they were written for. */
async function follow(source: HttpSource, url: string, conditions: Record<string, string>, silence: Silence) {
  const home = new URL(source.url).origin
  let at = url
  for (let steps = 0; ; steps++) {
    const own = new URL(at).origin === home ? source.headers : {}
    const headers = { 'user-agent': 'fti', ...own, ...conditions }
    const response = await fetch(at, { headers, redirect: 'manual', signal: silence.signal })
    silence.broken()
    const to = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
    if (to === null || steps >= mostRedirections) return { response, finalUrl: at }
    await response.body?.cancel()
    at = new URL(to, at).href
  }
}

/** The whole body, or nothing: a connection that breaks leaves no half of an answer under this name. */
async function save(response: Response, path: string, silence: Silence): Promise<{ path: string; bytes: number }> {
  const partial = `${path}.part`
  const file = await open(partial, 'w')
  let bytes = 0
  let isGzip = false
  try {
    for await (const chunk of response.body ?? []) {
      silence.broken()
      const piece = chunk as Uint8Array
      if (bytes === 0) isGzip = piece[0] === 0x1f && piece[1] === 0x8b
      bytes += piece.length
      await file.write(piece).catch((error: unknown) => {
        throw storageError(error, partial)
      })
    }
  } finally {
    await file.close()
  }
  const name = isGzip ? `${path}.gz` : path
  await rename(partial, name)
  return { path: name, bytes }
}

/** Aborts what it is given to when nothing is heard for a time. */
class Silence {
  readonly #controller = new AbortController()
  readonly #timeoutMs: number
  #timer: NodeJS.Timeout
  readonly signal: AbortSignal

  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs
    this.signal = signal ? AbortSignal.any([signal, this.#controller.signal]) : this.#controller.signal
    this.#timer = this.#arm()
  }

  broken(): void {
    clearTimeout(this.#timer)
    this.#timer = this.#arm()
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #arm(): NodeJS.Timeout {
    const error = new DOMException(`no byte for ${formatDuration(this.#timeoutMs)}`, 'TimeoutError')
    return setTimeout(() => this.#controller.abort(error), this.#timeoutMs)
  }
}
