import type { Readable } from 'node:stream'
import { FtiError } from '../../base/index.ts'
import { featureErrors } from '../errors.ts'

/** Whole lines of a stream, one after the other. */
export interface LineBatch {
  /** Number of the first line in the stream, from 1. */
  readonly firstLine: number
  readonly lines: number
  /** Their bytes, line breaks included. */
  readonly bytes: Buffer
}

export interface BatchLimits {
  readonly rowsMax: number
  readonly bytesMax: number
  /** Longest time from the first line of a batch until it is handed on. */
  readonly waitMs: number
  /** Ends the stream: the whole lines that were read make the last batch. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Cuts a stream into batches of whole lines. Nothing is read while a batch is worked on, so that whoever writes the stream waits, and
 * memory holds one batch and one chunk. At the end a line without a break is a line; where the signal ends the stream it is not.
 * Errors: FTI_SOURCE_UNREADABLE for a line longer than a batch may be.
 */
export async function* lineBatches(rows: Readable, limits: BatchLimits): AsyncGenerator<LineBatch> {
  const chunks = rows[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>
  const pending = new PendingLines(limits)
  let next: Promise<IteratorResult<Buffer | string>> | undefined
  try {
    while (true) {
      next ??= chunks.next()
      const event = await nextEvent(next, pending.leftMs(), limits.signal)
      if (event === 'stopped') break
      if (event === 'waited') {
        yield* pending.flush()
        continue
      }
      next = undefined
      if (event.done) {
        pending.endLine()
        break
      }
      yield* pending.add(typeof event.value === 'string' ? Buffer.from(event.value) : event.value)
    }
    yield* pending.flush()
  } finally {
    // What the stream still says is nobody's any more.
    next?.catch(() => {})
    rows.destroy()
  }
}

type Event = IteratorResult<Buffer | string> | 'waited' | 'stopped'

/** What comes first: bytes, the end of the time for this batch, or the wish to stop. */
async function nextEvent(
  next: Promise<IteratorResult<Buffer | string>>,
  leftMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Event> {
  if (signal?.aborted) return 'stopped'
  if (leftMs !== undefined && leftMs <= 0) return 'waited'
  const done = new AbortController()
  let timeout: NodeJS.Timeout | undefined
  const other = new Promise<Event>((resolve) => {
    signal?.addEventListener('abort', () => resolve('stopped'), { signal: done.signal })
    if (leftMs !== undefined) timeout = setTimeout(() => resolve('waited'), leftMs)
  })
  try {
    return await Promise.race([next, other])
  } finally {
    clearTimeout(timeout)
    done.abort()
  }
}

const newline = 10

/** Lines that were read and not handed on yet. */
class PendingLines {
  readonly #limits: BatchLimits
  /** Whole lines, then the beginning of the next. */
  #whole: Buffer[] = []
  #rest: Buffer[] = []
  #wholeBytes = 0
  #restBytes = 0
  #lines = 0
  #firstLine = 1
  #since: number | undefined

  constructor(limits: BatchLimits) {
    this.#limits = limits
  }

  /** Milliseconds until the batch must go; undefined while there is none. */
  leftMs(): number | undefined {
    return this.#since === undefined ? undefined : this.#since + this.#limits.waitMs - performance.now()
  }

  *add(chunk: Buffer): Generator<LineBatch> {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#rest.push(chunk.subarray(start, end + 1))
      this.#restBytes += end + 1 - start
      start = end + 1
      this.endLine()
      if (this.#lines >= this.#limits.rowsMax || this.#wholeBytes >= this.#limits.bytesMax) yield* this.flush()
    }
    if (start === chunk.length) return
    // A copy: a view of the chunk would keep all of it in memory.
    this.#rest.push(Buffer.from(chunk.subarray(start)))
    this.#restBytes += chunk.length - start
    if (this.#restBytes > this.#limits.bytesMax) throw tooLong(this.#firstLine + this.#lines, this.#limits.bytesMax)
  }

  /** What was read of a line is all of it. */
  endLine(): void {
    if (this.#restBytes === 0) return
    this.#since ??= performance.now()
    this.#whole.push(...this.#rest)
    this.#wholeBytes += this.#restBytes
    this.#lines++
    this.#rest = []
    this.#restBytes = 0
  }

  *flush(): Generator<LineBatch> {
    if (this.#lines === 0) return
    const batch = { firstLine: this.#firstLine, lines: this.#lines, bytes: Buffer.concat(this.#whole) }
    this.#firstLine += this.#lines
    this.#whole = []
    this.#wholeBytes = 0
    this.#lines = 0
    this.#since = undefined
    yield batch
  }
}

function tooLong(line: number, bytesMax: number): FtiError {
  return new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `line ${line} is longer than ${bytesMax} bytes`,
    place: `standard input:${line}`,
    remedy: 'write one row a line, each ended by a line break',
  })
}
