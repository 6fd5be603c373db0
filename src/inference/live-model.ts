import { FtiError } from '../base/index.ts'
import type { Service } from '../contract/index.ts'
import { type HeadWatch, resolveVersion, watchHead } from '../registry/index.ts'
import { loadScorer, type Scorer } from '../scoring/index.ts'
import { compileInstanceCheck, type InstanceCheck } from './instance-check.ts'
import type { OnEvent } from './server-event.ts'

/** A version that answers, with the check of what it is sent. Swapped as one reference, so no request sees two. */
export interface ServedModel {
  readonly scorer: Scorer
  readonly checkInstance: InstanceCheck
  /** `late_departure@3`. */
  readonly name: string
  readonly loadedAt: Date
}

export interface LiveModelOptions {
  readonly registry: string
  readonly service: Pick<Service, 'model' | 'tag'>
  readonly onEvent: OnEvent
  /** Called with each version that is about to serve. */
  readonly onSwap?: ((served: ServedModel) => void) | undefined
  readonly pollMs?: number | undefined
}

const defaultPollMs = 250
/** A refused version is tried again after this: its files may have been restored. */
const retryRefusedMs = 30_000
const warmUpRuns = 300

/**
 * The version that a service's tag names, followed as the tag moves: load, digests, golden rows, warm-up, and only then
 * the swap of the reference. Requests in flight finish with the version they began with. When the registry or the
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
  private isClosed = false
  private polling: Promise<void> = Promise.resolve()
  private swapCount = 0

  private constructor(options: LiveModelOptions, watch: HeadWatch, served: ServedModel) {
    this.options = options
    this.watch = watch
    this.served = served
  }

  /** Loads the first version. Its errors are the caller's: a server that never had a model must not start. */
  static async open(options: LiveModelOptions): Promise<LiveModel> {
    const { registry, service, onEvent } = options
    const watch = watchHead(registry, service.model)
    const version = await resolveVersion(registry, { model: service.model, at: { kind: 'tag', tag: service.tag } })
    const served = await loadServed(registry, service.model, version)
    options.onSwap?.(served)
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
    this.isClosed = true
    clearTimeout(this.timer)
    await this.polling
    this.served.scorer.close()
  }

  private scheduleNext(): void {
    if (this.isClosed) return
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
      next = await loadServed(registry, service.model, version)
      onSwap?.(next)
    } catch (error) {
      if (error instanceof FtiError && error.code === 'FTI_REGISTRY_UNREACHABLE') throw error
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
}

async function loadServed(registry: string, model: string, version: number): Promise<ServedModel> {
  const scorer = await loadScorer({ registry, model, version })
  warmUp(scorer)
  return {
    scorer,
    checkInstance: compileInstanceCheck(scorer.signature),
    name: `${model}@${version}`,
    loadedAt: new Date(),
  }
}

/** Runs the whole path often enough to be compiled by the engine before the first request pays for it. */
function warmUp(scorer: Scorer): void {
  const { entityKeys, request, columns } = scorer.signature
  const names = [...Object.keys(entityKeys), ...request.map(({ name }) => name)]
  const empty = Object.fromEntries(names.map((name) => [name, null]))
  const values = columns.map(() => null)
  for (let i = 0; i < warmUpRuns; i++) scorer.predictValues(values)
  try {
    for (let i = 0; i < warmUpRuns; i++) scorer.score([empty], () => undefined, 0)
  } catch (error) {
    // On-demand code may refuse nulls; that is its answer to a request, and no fault of the version.
    if (!(error instanceof FtiError) || !error.code.startsWith('FTI_ON_DEMAND_')) throw error
  }
}
