import { type LogSegment, openSegment } from './log-segment.ts'
import { repairLog } from './repair-log.ts'

/** How much a reply waits for: `durable` until its line survives a power cut, `buffered` for nothing, `off` writes nothing. */
export type LogMode = 'durable' | 'buffered' | 'off'

export interface PredictionLogOptions {
  /** Folder of the segments; made when absent. */
  readonly directory: string
  readonly mode: LogMode
  /** How long a first line waits for company before the disk is asked. */
  readonly windowMs?: number | undefined
  /** A segment that has grown to this is finished and the next one begun. */
  readonly maxSegmentBytes?: number | undefined
  /** Called when lines start to be lost, and when the log works again. */
  readonly onTrouble?: ((trouble: LogTrouble) => void) | undefined
}

export type LogTrouble = { readonly kind: 'failed'; readonly error: unknown } | { readonly kind: 'recovered' }

export interface LogCounts {
  readonly lines: number
  readonly bytes: number
  /** Lines that were not written: the disk was full or broken. */
  readonly lost: number
  /** Writes to the disk, each with all lines that had come. */
  readonly groups: number
}

/**
 * NDJSON segments, written in groups: all lines that come while the disk is busy share its next write and sync.
 * A failure never reaches a reply: the lines are counted as lost, and after a while a new segment is tried
 * (never the old file: after a failed sync its state is not known).
 */
export class PredictionLog {
  private readonly options: PredictionLogOptions
  private readonly windowMs: number
  private readonly maxSegmentBytes: number
  private segment: LogSegment | undefined
  private pending = ''
  private pendingLines = 0
  private waiting: (() => void)[] = []
  private state: 'idle' | 'scheduled' | 'writing' = 'idle'
  private timer: NodeJS.Timeout | undefined
  private failedAt: number | undefined
  private counts = { lines: 0, bytes: 0, lost: 0, groups: 0 }
  private idle: (() => void)[] = []

  private constructor(options: PredictionLogOptions, segment: LogSegment) {
    this.options = options
    this.windowMs = options.mode === 'durable' ? (options.windowMs ?? 0) : bufferedMs
    this.maxSegmentBytes = options.maxSegmentBytes ?? 64 * 1024 * 1024
    this.segment = segment
  }

  /**
   * Repairs what dead writers left and opens the first segment, so that a folder that cannot be written is an error at
   * once and not at the first request.
   */
  static async open(options: PredictionLogOptions): Promise<PredictionLog> {
    await repairLog(options.directory)
    return new PredictionLog(options, await openSegment(options.directory, options.mode === 'durable'))
  }

  /** Adds whole lines, each ending in a newline. `done` is called once they are safe, or lost, or at once when buffered. */
  append(text: string, lines: number, done: () => void): void {
    if (this.failedAt !== undefined || this.pending.length > maxPending) {
      this.counts.lost += lines
      if (this.failedAt !== undefined && performance.now() - this.failedAt > retryMs) this.reopen()
      done()
      return
    }
    this.pending += text
    this.pendingLines += lines
    if (this.options.mode === 'durable') this.waiting.push(done)
    if (this.state === 'idle') this.schedule()
    if (this.options.mode !== 'durable') done()
  }

  count(): LogCounts {
    return { ...this.counts }
  }

  /** Writes what is pending, syncs and closes; a segment without lines is removed. */
  async close(): Promise<void> {
    if (this.state === 'scheduled') this.flush()
    if (this.state === 'writing') await new Promise<void>((resolve) => this.idle.push(resolve))
    await this.segment?.finish()
    this.segment = undefined
  }

  private schedule(): void {
    this.state = 'scheduled'
    if (this.windowMs === 0) setImmediate(() => this.flush())
    else this.timer = setTimeout(() => this.flush(), this.windowMs)
  }

  private flush(): void {
    const { segment } = this
    // A close may have come before the timer.
    if (this.state !== 'scheduled' || segment === undefined) return
    clearTimeout(this.timer)
    this.state = 'writing'
    const group = { bytes: Buffer.from(this.pending), lines: this.pendingLines, waiting: this.waiting }
    this.pending = ''
    this.pendingLines = 0
    this.waiting = []
    segment.write(group.bytes, (error) => {
      if (error) this.fail(error, group)
      else this.written(segment, group)
    })
  }

  private written(segment: LogSegment, group: Group): void {
    this.counts.lines += group.lines
    this.counts.bytes += group.bytes.length
    this.counts.groups++
    for (const done of group.waiting) done()
    if (segment.bytes >= this.maxSegmentBytes) void this.rotate(segment)
    else this.next()
  }

  private next(): void {
    this.state = 'idle'
    if (this.pending !== '') this.schedule()
    else for (const resolve of this.idle.splice(0)) resolve()
  }

  private async rotate(full: LogSegment): Promise<void> {
    try {
      await full.finish()
      this.segment = await openSegment(this.options.directory, this.options.mode === 'durable')
      this.next()
    } catch (error) {
      this.fail(error, undefined)
    }
  }

  private fail(error: unknown, group: Group | undefined): void {
    this.counts.lost += (group?.lines ?? 0) + this.pendingLines
    const waiting = [...(group?.waiting ?? []), ...this.waiting]
    this.pending = ''
    this.pendingLines = 0
    this.waiting = []
    this.failedAt = performance.now()
    // Given up, not synced again: a second sync after a failed one reports success although data is lost.
    this.segment?.abandon()
    this.segment = undefined
    this.options.onTrouble?.({ kind: 'failed', error })
    for (const done of waiting) done()
    this.next()
  }

  /** Lines that come meanwhile are lost too. While it goes on failing nothing new is told: the first trouble stands. */
  private reopen(): void {
    this.failedAt = performance.now()
    const opened = (segment: LogSegment) => {
      this.segment = segment
      this.failedAt = undefined
      this.options.onTrouble?.({ kind: 'recovered' })
    }
    openSegment(this.options.directory, this.options.mode === 'durable').then(opened, () => undefined)
  }
}

interface Group {
  readonly bytes: Buffer
  readonly lines: number
  readonly waiting: readonly (() => void)[]
}

/** Without a waiting reply there is no haste. */
const bufferedMs = 50
/** Characters that may wait for a disk that does not answer. */
const maxPending = 16 * 1024 * 1024
const retryMs = 1000
