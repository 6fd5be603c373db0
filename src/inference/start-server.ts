import { FtiError } from '../base/index.ts'
import type { Service } from '../contract/index.ts'
import { type OnlineLocation, openOnlineReader } from '../online/index.ts'
import { checkReplay, servingClock } from './clock.ts'
import { inferenceErrors } from './errors.ts'
import { listenError, refuseBusyPort } from './http/listen-port.ts'
import { defaultLimits, type ServerLimits } from './http/server-limits.ts'
import { type RouteParts, serviceApp } from './http/service-app.ts'
import { type LogMode, PredictionLog } from './log/prediction-log.ts'
import { LiveModel } from './models/live-model.ts'
import { onlineTrouble } from './online-health.ts'
import type { OnEvent } from './server-event.ts'
import { servingMetrics } from './serving-metrics.ts'

export interface ServerOptions {
  readonly service: Service
  /** Directory of the registry. */
  readonly registry: string
  readonly online: OnlineLocation
  /** Replay clock: the server stands still at this moment. */
  readonly now?: Date | undefined
  /** Loopback unless given. */
  readonly host?: string | undefined
  /** The service's port unless given; 0 takes any that is free. */
  readonly port?: number | undefined
  /** Said by the caller on purpose: listen beyond this machine although nobody is asked who they are. */
  readonly allowRemote?: boolean | undefined
  readonly log?:
    | { readonly directory: string; readonly mode?: LogMode | undefined; readonly windowMs?: number | undefined }
    | undefined
  /** Folder in which what serves is kept, to start from when the registry is gone or its champion damaged. */
  readonly copies?: string | undefined
  readonly limits?: Partial<ServerLimits> | undefined
  readonly pollMs?: number | undefined
  /** A version that was refused is tried again after this. */
  readonly retryMs?: number | undefined
  readonly onEvent?: OnEvent | undefined
}

export interface RunningServer {
  readonly url: string
  readonly port: number
  /** `late_departure@3`, as it is now. */
  model(): string
  /** Why answers may not be what the registry says now; empty when all is well. */
  degraded(): string[]
  /** Stops accepting, lets requests in flight finish, writes the prediction log, closes everything. */
  close(): Promise<void>
}

/**
 * Serves one service over HTTP. Returns when it listens, with a model loaded.
 * Errors: those of the registry and of `loadScorer`; FTI_HOST_REFUSED, FTI_PORT_IN_USE, FTI_LISTEN_FAILED, FTI_REPLAY_TOO_EARLY.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { service, registry, onEvent = () => {} } = options
  const host = options.host ?? '127.0.0.1'
  const port = options.port ?? service.port
  refuseRemote(host, options.allowRemote ?? false)
  // Before a model is loaded: loading may take long, and the answer would be the same.
  await refuseBusyPort(host, port)
  const limits = { ...defaultLimits, ...options.limits }
  const clock = servingClock(options.now)
  const closers: (() => Promise<void>)[] = []
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    const { online } = options
    const reader = await openOnlineReader(online, {
      onTrouble: (error) => onEvent({ kind: 'online-trouble', error }),
      onBack: () => onEvent({ kind: 'online-back' }),
      budgetMs: online.kind === 'lmdb' ? undefined : online.budgetMs,
    })
    closers.push(() => reader.close())
    const live = await LiveModel.open({
      registry,
      service,
      onEvent,
      copies: options.copies,
      pollMs: options.pollMs,
      retryMs: options.retryMs,
      loadTimeoutMs: limits.loadTimeoutMs,
      onSwap: ({ scorer }) => checkReplay(clock, scorer.signature, reader),
    })
    closers.push(() => live.close())
    const log = await openLog(options, onEvent)
    if (log) closers.push(() => log.close())
    const metrics = await servingMetrics({ service: service.name, model: () => live, log, reader })
    const parts: RouteParts = { service, live, reader, clock, log, metrics, limits, onEvent }
    const app = await serviceApp(parts)
    closers.push(() => app.close())
    const url = await listen(app, host, port)
    live.begin()
    return {
      url,
      port: Number(new URL(url).port),
      model: () => live.current.name,
      degraded: () => [...live.degraded(), ...onlineTrouble(reader)],
      close: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

function refuseRemote(host: string, allowRemote: boolean): void {
  const isLoopback = host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  if (isLoopback || allowRemote) return
  throw new FtiError(inferenceErrors.FTI_HOST_REFUSED, {
    message: `${host} is not this machine alone, and the server asks nobody who they are`,
    remedy: 'leave --host out and put a proxy with authentication before it, or add --allow-remote',
  })
}

async function openLog(options: ServerOptions, onEvent: OnEvent): Promise<PredictionLog | undefined> {
  const { directory, mode = 'durable', windowMs } = options.log ?? {}
  if (directory === undefined || mode === 'off') return undefined
  return PredictionLog.open({
    directory,
    mode,
    windowMs,
    onTrouble: (trouble) =>
      onEvent(trouble.kind === 'failed' ? { kind: 'log-failed', error: trouble.error } : { kind: 'log-recovered' }),
  })
}

async function listen(app: Awaited<ReturnType<typeof serviceApp>>, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    throw listenError(error, host, port)
  }
}
