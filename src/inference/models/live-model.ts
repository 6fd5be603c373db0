import { FtiError } from '../../base/index.ts'
import { type HeadWatch, watchHead } from '../../registry/index.ts'
import type { LoadRequest } from '../../scoring/index.ts'
import type { OnEvent } from '../server-event.ts'
import { type FirstModel, type Followed, loadFirst, namedVersion } from './first-model.ts'
import { keepLastGood } from './last-good.ts'
import { loadServedModel, type ServedModel } from './served-model.ts'
import { tryVersion } from './trial.ts'

export interface LiveModelOptions extends Followed {
  readonly onEvent: OnEvent
  /** Called with each version that is about to serve. */
  readonly onSwap?: ((served: ServedModel) => Promise<void>) | undefined
  readonly pollMs?: number | undefined
  /** What was refused, or could not be kept, is tried again after this. */
  readonly retryMs?: number | undefined
  /** How long a version may take to load in its trial; 0 loads it without one. */
  readonly loadTimeoutMs: number
}

const defaultPollMs = 250
/** The files of a refused version may have been restored. */
const defaultRetryMs = 30_000

/**
 * The version that a service's tag names, followed as the tag moves: a trial in a thread of its own, then load, digests,
 * golden rows, warm-up, and only then the swap of the reference. Requests in flight finish with the version they began
 * with. When the registry or the new version is damaged or gone, the last good one goes on serving; also over a
 * restart, from the copy that is kept of it.
 */
export class LiveModel {
  private readonly options: LiveModelOptions
  private readonly watch: HeadWatch
  private served: ServedModel
  private head: number | undefined
  private refused: { readonly version: number; readonly error: unknown; readonly at: number } | undefined
  private trouble: unknown
  private unkept: { readonly error: unknown; readonly at: number } | undefined
  private timer: NodeJS.Timeout | undefined
  private readonly closing = new AbortController()
  /** Versions whose trial went well: they are immutable, and a roll-back should not wait for a second one. */
  private readonly tried = new Set<number>()
  private polling: Promise<void> = Promise.resolve()
  private swapCount = 0

  private constructor(options: LiveModelOptions, watch: HeadWatch, first: FirstModel) {
    this.options = options
    this.watch = watch
    this.served = first.served
    this.head = first.head
    this.trouble = first.trouble
    this.refused = first.refused && { ...first.refused, at: performance.now() }
    if (first.served.keptAt === undefined) this.tried.add(first.served.scorer.version)
  }

  /**
   * Loads the first version: the one that the tag names, else the last good one. Its errors are the caller's: a server
   * that never had a model must not start. Tells nothing and follows nothing before `begin`.
   */
  static async open(options: LiveModelOptions): Promise<LiveModel> {
    const watch = watchHead(options.registry, options.service.model)
    const live = new LiveModel(options, watch, await loadFirst(options, watch))
    await options.onSwap?.(live.served)
    await live.keep()
    return live
  }

  /** Tells what answers, now that it does, and follows the tag from now on. */
  begin(): void {
    const { options, served, trouble, refused, unkept } = this
    const { service, onEvent } = options
    if (trouble !== undefined) onEvent({ kind: 'registry-trouble', error: trouble })
    if (refused) onEvent({ kind: 'model-refused', model: service.model, ...refused })
    if (unkept) onEvent({ kind: 'copy-failed', error: unkept.error })
    const { version } = served.scorer
    onEvent({ kind: 'model-loaded', model: service.model, version, previous: undefined, keptAt: served.keptAt })
    this.scheduleNext()
  }

  get current(): ServedModel {
    return this.served
  }

  get swaps(): number {
    return this.swapCount
  }

  /** Why this may not be what the tag names now; empty when all is well. */
  degraded(): string[] {
    const { name, keptAt } = this.served
    const reasons: string[] = []
    if (this.trouble !== undefined) reasons.push('the registry cannot be read')
    if (this.refused) reasons.push(`${this.options.service.model}@${this.refused.version} was refused`)
    if (keptAt !== undefined) reasons.push(`${name} answers from the copy of ${keptAt}, not from the registry`)
    if (this.unkept) reasons.push('no copy can be kept for a start without the registry')
    return reasons
  }

  /** Looks at the registry now; `scheduleNext` does it by itself. */
  async poll(): Promise<void> {
    try {
      const head = await this.watch.poll()
      if (head !== this.head || this.mayRetry(this.refused)) await this.follow(head)
      if (this.trouble !== undefined) this.options.onEvent({ kind: 'registry-back' })
      this.trouble = undefined
    } catch (error) {
      // Told once: the same trouble comes back with every poll.
      if (this.trouble === undefined) this.options.onEvent({ kind: 'registry-trouble', error })
      this.trouble = error
    }
    if (this.mayRetry(this.unkept)) await this.keep()
  }

  async close(): Promise<void> {
    this.closing.abort()
    clearTimeout(this.timer)
    await this.polling
    this.served.scorer.close()
  }

  private scheduleNext(): void {
    if (this.closing.signal.aborted) return
    this.timer = setTimeout(() => {
      this.polling = this.poll().finally(() => this.scheduleNext())
    }, this.options.pollMs ?? defaultPollMs)
  }

  private mayRetry(failure: { readonly at: number } | undefined): boolean {
    return failure !== undefined && performance.now() - failure.at > (this.options.retryMs ?? defaultRetryMs)
  }

  private async follow(head: number): Promise<void> {
    const version = await namedVersion(this.options)
    // The same version from a copy is loaded again too: from here on the registry answers for it.
    if (version !== this.served.scorer.version || this.served.keptAt !== undefined) await this.swapTo(version)
    else this.refused = undefined
    this.head = head
  }

  private async swapTo(version: number): Promise<void> {
    const { registry, service, onEvent, onSwap } = this.options
    const previous = this.served.scorer
    let next: ServedModel
    try {
      next = await this.loadTried({ registry, model: service.model, version })
      await onSwap?.(next)
    } catch (error) {
      if (error instanceof FtiError && error.code === 'FTI_REGISTRY_UNREACHABLE') throw error
      if (this.closing.signal.aborted) return
      this.refused = { version, error, at: performance.now() }
      onEvent({ kind: 'model-refused', model: service.model, version, error })
      return
    }
    this.served = next
    this.refused = undefined
    this.swapCount++
    previous.close()
    onEvent({ kind: 'model-loaded', model: service.model, version, previous: previous.version, keptAt: undefined })
    const before = this.unkept
    await this.keep()
    if (this.unkept && !before) onEvent({ kind: 'copy-failed', error: this.unkept.error })
  }

  private async loadTried(request: LoadRequest): Promise<ServedModel> {
    if (this.options.loadTimeoutMs > 0 && !this.tried.has(request.version)) {
      await tryVersion(request, { timeoutMs: this.options.loadTimeoutMs, signal: this.closing.signal })
      this.tried.add(request.version)
    }
    return await loadServedModel(request)
  }

  /** A disk that takes no copy does not stop the serving. */
  private async keep(): Promise<void> {
    const { copies, registry, service } = this.options
    if (copies === undefined || this.served.keptAt !== undefined) return
    try {
      await keepLastGood(copies, this.served.files, { registry, tag: service.tag })
      this.unkept = undefined
    } catch (error) {
      this.unkept = { error, at: performance.now() }
    }
  }
}
