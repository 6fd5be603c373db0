import { FtiError } from '../base/index.ts'
import type { Service } from '../contract/index.ts'
import type { FeatureLookup, Instance, Scored } from '../scoring/index.ts'
import type { ServingClock } from './clock.ts'
import { inferenceErrors } from './errors.ts'
import type { LiveModel } from './live-model.ts'
import { logLines } from './log-record.ts'
import type { PredictionLog } from './prediction-log.ts'
import { predictionReply } from './prediction-reply.ts'
import { type ErrorReply, errorReply, refusalReply } from './reply-error.ts'
import { checkRequest } from './request-check.ts'
import type { ServedModel } from './served-model.ts'
import type { ServingMetrics } from './serving-metrics.ts'

export interface PredictParts {
  readonly service: Pick<Service, 'name' | 'onUnknownEntity'>
  readonly live: LiveModel
  readonly lookup: FeatureLookup
  readonly clock: ServingClock
  readonly log: PredictionLog | undefined
  readonly metrics: ServingMetrics
  readonly maxInstances: number
}

export type Answer = { readonly body: string } | { readonly error: ErrorReply }

/**
 * Answers a parsed body. Everything up to the log runs without waiting, with one reference to the model, so an answer
 * is always of one whole version; `done` is called when the prediction is as safe as the log's mode promises.
 */
export function predictHandler(
  parts: PredictParts,
): (body: unknown, requestId: string, done: (answer: Answer) => void) => void {
  const { live, log, metrics } = parts
  return (body, requestId, done) => {
    const started = performance.now()
    const { current } = live
    const instances = checkRequest(body, current.checkInstance, parts.maxInstances)
    if (!isAccepted(instances)) {
      const isTooMany = instances.rule === 'maxItems'
      const entry = isTooMany ? inferenceErrors.FTI_REQUEST_TOO_LARGE : inferenceErrors.FTI_REQUEST_INVALID
      done({ error: refusalReply(isTooMany ? 413 : 400, entry, instances) })
      return
    }
    const scored = scoreOrRefuse(parts, current, instances)
    if (!Array.isArray(scored)) {
      done({ error: scored as ErrorReply })
      return
    }
    metrics.predictions += scored.length
    const answer = { body: replyBody(parts, current, scored, requestId) }
    if (log === undefined) {
      done(answer)
      return
    }
    const microseconds = Math.round((performance.now() - started) * 1000)
    const time = new Date().toISOString()
    const context = {
      requestId,
      service: parts.service.name,
      model: current.name,
      time,
      now: parts.clock.replay,
      microseconds,
    }
    log.append(logLines(context, instances, scored), scored.length, () => done(answer))
  }
}

function isAccepted(instances: readonly Instance[] | object): instances is readonly Instance[] {
  return Array.isArray(instances)
}

function scoreOrRefuse(
  parts: PredictParts,
  { scorer }: ServedModel,
  instances: readonly Instance[],
): Scored[] | ErrorReply {
  let scored: Scored[]
  try {
    scored = scorer.score(instances, parts.lookup, parts.clock.nowMs())
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
    const { unknown, stale, ahead } = scored[i] as Scored
    if (unknown.length + stale.length + ahead.length === 0) continue
    if (unknown.length > 0 && parts.service.onUnknownEntity === 'refuse') return unknownEntity(i, unknown)
    countWarnings(parts.metrics.warnings, unknown, stale, ahead)
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

function countWarnings(
  counts: Map<string, number>,
  unknown: readonly string[],
  stale: readonly string[],
  ahead: readonly string[],
): void {
  const add = (code: string, count: number) => {
    if (count > 0) counts.set(code, (counts.get(code) ?? 0) + count)
  }
  add(inferenceErrors.FTI_ENTITY_UNKNOWN.code, unknown.length)
  add(inferenceErrors.FTI_FEATURES_STALE.code, stale.length)
  add(inferenceErrors.FTI_FEATURES_AHEAD.code, ahead.length)
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
