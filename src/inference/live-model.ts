import { FtiError } from '../base/index.ts'
import type { Service } from '../contract/index.ts'
import { type HeadWatch, resolveVersion, watchHead } from '../registry/index.ts'
import type { LoadRequest } from '../scoring/index.ts'
import { loadServedModel, type ServedModel } from './served-model.ts'
import type { OnEvent } from './server-event.ts'
import { tryVersion } from './trial.ts'

export interface LiveModelOptions {
  readonly registry: string
  readonly service: Pick<Service, 'model' | 'tag'>
  readonly onEvent: OnEvent
  /** Called with each version that is about to serve. */
  readonly onSwap?: ((served: ServedModel) => Promise<void>) | undefined
  readonly pollMs?: number | undefined
  /** How long a version may take to load in its trial; 0 loads it without one. */
  readonly loadTimeoutMs: number
}

const defaultPollMs = 250
/** A refused version is tried again after this: its files may have been restored. */
const retryRefusedMs = 30_000

/**
 * The version that a service's tag names, followed as the tag moves: a trial in a thread of its own, then load, digests,
 * golden rows, warm-up, and only then the swap of the reference. Requests in flight finish with the version they began with. When the registry or the
 * new version is damaged or gone, the last good one goes on serving.
 */
export class LiveModel {
  private readonly options: LiveModelOptions
  private readonly watch: HeadWatch
  private served: ServedModel
  private head: number | undefined
  private refused: { readonly version: number; readonly at: number } | undefined
  private trouble: unknown
  private timer: NodeJS.Timeout | undefined
  private readonly closing = new AbortController()
  /** Versions whose trial went well: they are immutable, and a roll-back should not wait for a second one. */
  private readonly tried = new Set<number>()
  private polling: Promise<void> = Promise.resolve()
  private swapCount = 0

  private constructor(options: LiveModelOptions, watch: HeadWatch, served: ServedModel) {
    this.options = options
    this.watch = watch
    this.served = served
    this.tried.add(served.scorer.version)
  }

  /** Loads the first version. Its errors are the caller's: a server that never had a model must not start. */
  static async open(options: LiveModelOptions): Promise<LiveModel> {
    const { registry, service, onEvent } = options
    const watch = watchHead(registry, service.model)
    const version = await resolveVersion(registry, { model: service.model, at: { kind: 'tag', tag: service.tag } })
    const served = await loadServedModel({ registry, model: service.model, version })
    await options.onSwap?.(served)
    onEvent({ kind: 'model-loaded', model: service.model, version, previous: undefined })
    const live = new LiveModel(options, watch, served)
    live.scheduleNext()
    return live
  }

  get current(): ServedModel {
    return this.served
  }

  get swaps(): number {
    return this.swapCount
  }

  /** Why this may not be what the tag names now; empty when all is well. */
  degraded(): string[] {
    const reasons: string[] = []
    if (this.trouble !== undefined) reasons.push('the registry cannot be read')
    if (this.refused) reasons.push(`${this.options.service.model}@${this.refused.version} was refused`)
    return reasons
  }

  /** Looks at the registry now; `scheduleNext` does it by itself. */
  async poll(): Promise<void> {
    try {
      const head = await this.watch.poll()
      if (head !== this.head || this.mayRetry()) await this.follow(head)
      if (this.trouble !== undefined) this.options.onEvent({ kind: 'registry-back' })
      this.trouble = undefined
    } catch (error) {
      // Told once: the same trouble comes back with every poll.
      if (this.trouble === undefined) this.options.onEvent({ kind: 'registry-trouble', error })
      this.trouble = error
    }
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

  private mayRetry(): boolean {
    return this.refused !== undefined && performance.now() - this.refused.at > retryRefusedMs
  }

  private async follow(head: number): Promise<void> {
    const { registry, service } = this.options
    const version = await resolveVersion(registry, { model: service.model, at: { kind: 'tag', tag: service.tag } })
    if (version !== this.served.scorer.version) await this.swapTo(version)
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
      this.refused = { version, at: performance.now() }
      onEvent({ kind: 'model-refused', model: service.model, version, error })
      return
    }
    this.served = next
    this.refused = undefined
    this.swapCount++
    previous.close()
    onEvent({ kind: 'model-loaded', model: service.model, version, previous: previous.version })
  }

  private async loadTried(request: LoadRequest): Promise<ServedModel> {
    if (this.options.loadTimeoutMs > 0 && !this.tried.has(request.version)) {
      await tryVersion(request, { timeoutMs: this.options.loadTimeoutMs, signal: this.closing.signal })
      this.tried.add(request.version)
    }
    return await loadServedModel(request)
  }
}
