import { FtiError } from '../../base/index.ts'
import type { Service } from '../../contract/index.ts'
import type { OnlineReader } from '../../online/index.ts'
import { type FeatureLookup, type Instance, lookupMaker, type Scored, unavailableLookup } from '../../scoring/index.ts'
import type { ServingClock } from '../clock.ts'
import { inferenceErrors } from '../errors.ts'
import { logLines } from '../log/log-record.ts'
import type { PredictionLog } from '../log/prediction-log.ts'
import type { LiveModel } from '../models/live-model.ts'
import type { ServedModel } from '../models/served-model.ts'
import type { ServingMetrics } from '../serving-metrics.ts'
import { predictionReply } from './prediction-reply.ts'
import { type ErrorReply, errorReply, refusalReply } from './reply-error.ts'
import { checkRequest } from './request-check.ts'

export interface PredictParts {
  readonly service: Pick<Service, 'name' | 'onUnknownEntity' | 'onUnavailableFeatures'>
  readonly live: LiveModel
  readonly reader: OnlineReader
  readonly clock: ServingClock
  readonly log: PredictionLog | undefined
  readonly metrics: ServingMetrics
  readonly maxInstances: number
}

/** `failure` is a bug or a broken part of the server, never the caller's fault. */
export type Answer = { readonly body: string } | { readonly error: ErrorReply } | { readonly failure: unknown }

interface Request {
  readonly id: string
  readonly started: number
  /** One reference to the model from here to the end, so an answer is always of one whole version. */
  readonly current: ServedModel
  readonly instances: readonly Instance[]
  readonly done: (answer: Answer) => void
}

/**
 * Answers a parsed body. With the embedded online store everything up to the log runs without waiting; a server is given its
 * budget. `done` is called once, when the prediction is as safe as the log's mode promises; what is thrown was not done.
 */
export function predictHandler(
  parts: PredictParts,
): (body: unknown, requestId: string, done: (answer: Answer) => void) => void {
  const { live, reader, metrics } = parts
  const lookupIn = lookupMaker()
  return (body, id, done) => {
    const started = performance.now()
    const { current } = live
    const instances = checkRequest(body, current.checkInstance, parts.maxInstances)
    if (!isAccepted(instances)) {
      const isTooMany = instances.rule === 'maxItems'
      const entry = isTooMany ? inferenceErrors.FTI_REQUEST_TOO_LARGE : inferenceErrors.FTI_REQUEST_INVALID
      done({ error: refusalReply(isTooMany ? 413 : 400, entry, instances) })
      return
    }
    const request = { id, started, current, instances, done }
    const values = reader.fetch(() => current.scorer.wants(instances))
    if (!(values instanceof Promise)) {
      answer(parts, request, lookupIn(values))
      return
    }
    values
      .then(lookupIn, (error: unknown) => unfetched(parts, error))
      .then((lookup) => {
        metrics.observeFetch((performance.now() - started) / 1000)
        if (lookup === undefined) done({ error: featuresUnavailable })
        else answer(parts, request, lookup)
      })
      .catch((failure: unknown) => done({ failure }))
  }
}

function isAccepted(instances: readonly Instance[] | object): instances is readonly Instance[] {
  return Array.isArray(instances)
}

/** What the service has decided for a store that does not answer; undefined when it refuses. Bugs are no such trouble. */
function unfetched({ service, metrics }: PredictParts, error: unknown): FeatureLookup | undefined {
  if (!(error instanceof FtiError)) throw error
  metrics.failedFetches.set(error.code, (metrics.failedFetches.get(error.code) ?? 0) + 1)
  return service.onUnavailableFeatures === 'refuse' ? undefined : unavailableLookup
}

const featuresUnavailable = errorReply(503, inferenceErrors.FTI_FEATURES_UNAVAILABLE, {
  message: 'the online store did not answer in time, and the service does not predict without it',
  remedy: 'send the request again after a second, or set onUnavailableFeatures: impute for the service',
})

function answer(parts: PredictParts, request: Request, lookup: FeatureLookup): void {
  const { log, metrics } = parts
  const { id: requestId, started, current, instances, done } = request
  const scored = scoreOrRefuse(parts, current, instances, lookup)
  if (!Array.isArray(scored)) {
    done({ error: scored as ErrorReply })
    return
  }
  metrics.predictions += scored.length
  const reply = { body: replyBody(parts, current, scored, requestId) }
  if (log === undefined) {
    done(reply)
    return
  }
  const microseconds = Math.round((performance.now() - started) * 1000)
  const time = new Date().toISOString()
  const { name: service } = parts.service
  const isCopy = current.keptAt !== undefined
  const context = { requestId, service, model: current.name, isCopy, time, now: parts.clock.replay, microseconds }
  log.append(logLines(context, instances, scored), scored.length, () => done(reply))
}

function scoreOrRefuse(
  parts: PredictParts,
  { scorer }: ServedModel,
  instances: readonly Instance[],
  lookup: FeatureLookup,
): Scored[] | ErrorReply {
  let scored: Scored[]
  try {
    scored = scorer.score(instances, lookup, parts.clock.nowMs())
  } catch (error) {
    // The version's own code refused the values; anything else is a failure of the server.
    if (!(error instanceof FtiError && error.code.startsWith('FTI_ON_DEMAND_'))) throw error
    return {
      status: 400,
      code: error.code,
      message: 'the on-demand code of the model refused an instance',
      remedy: 'check the values of the request columns that it takes',
    }
  }
  for (let i = 0; i < scored.length; i++) {
    const one = scored[i] as Scored
    const { unknown, stale, ahead, unavailable } = one
    if (unknown.length + stale.length + ahead.length + unavailable.length === 0) continue
    if (unknown.length > 0 && parts.service.onUnknownEntity === 'refuse') return unknownEntity(i, unknown)
    countWarnings(parts.metrics.warnings, one)
  }
  return scored
}

function unknownEntity(index: number, groups: readonly string[]): ErrorReply {
  return {
    ...errorReply(404, inferenceErrors.FTI_ENTITY_UNKNOWN, {
      message: `$.instances[${index}] names an entity that ${groups.join(' and ')} ${groups.length > 1 ? 'have' : 'has'} never seen`,
      remedy: 'send a known entity, or set onUnknownEntity: impute for the service to predict with imputed features',
    }),
    path: `$.instances[${index}]`,
    rule: 'known',
  }
}

function countWarnings(counts: Map<string, number>, { unknown, stale, ahead, unavailable }: Scored): void {
  const add = (code: string, count: number) => {
    if (count > 0) counts.set(code, (counts.get(code) ?? 0) + count)
  }
  add(inferenceErrors.FTI_ENTITY_UNKNOWN.code, unknown.length)
  add(inferenceErrors.FTI_FEATURES_STALE.code, stale.length)
  add(inferenceErrors.FTI_FEATURES_AHEAD.code, ahead.length)
  add(inferenceErrors.FTI_FEATURES_UNAVAILABLE.code, unavailable.length)
}

function replyBody(
  parts: PredictParts,
  { name, scorer }: ServedModel,
  scored: readonly Scored[],
  requestId: string,
): string {
  const output = scorer.signature.output.name
  const predictions = scored.map((one) => predictionReply(output, one))
  return JSON.stringify({ predictions, model: name, requestId, now: parts.clock.replay })
}
