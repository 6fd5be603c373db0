import type { FastifyInstance, FastifyReply } from 'fastify'
import { didYouMean } from '../../base/index.ts'
import type { Service } from '../../contract/index.ts'
import { inferenceErrors } from '../errors.ts'
import { onlineReasons } from '../online-health.ts'
import type { OnEvent } from '../server-event.ts'
import { openApiDocument } from './openapi.ts'
import { type Answer, type PredictParts, predictHandler } from './predict-handler.ts'
import { type ErrorReply, errorBody, errorReply } from './reply-error.ts'
import { requestIds } from './request-id.ts'
import type { ServerLimits } from './server-limits.ts'

export interface RouteParts extends Omit<PredictParts, 'maxInstances'> {
  readonly service: Service
  readonly limits: ServerLimits
  readonly onEvent: OnEvent
}

/** The HTTP face of a service: its routes, its limits, and the one form of its errors. Not listening yet. */
export async function serviceApp(parts: RouteParts): Promise<FastifyInstance> {
  const { limits } = parts
  const { fastify } = await import('fastify')
  const app = fastify({
    logger: false,
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    genReqId: requestIds(),
    // A client that sends on a connection it has open is answered while the server drains.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // The check made from the signature knows every field; nothing is merged or looked up by a name that was sent.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    // A path that cannot be decoded: fastify's own answer would repeat it.
    frameworkErrors: (_error, _request, reply) => {
      parts.metrics.observe(400)
      sendError(reply, { ...noRoute(parts.service), status: 400 })
    },
  })
  app.removeContentTypeParser('text/plain')
  const drain = drainOf(app, limits)
  addPredict(app, parts, drain)
  addHealth(app, parts, drain)
  addErrors(app, parts)
  return app
}

interface Drain {
  /** True once a close has begun: replies then end their connections. */
  readonly hasBegun: () => boolean
}

/**
 * For a moment after a close has begun the server still answers, so that a request that is on its way on an open
 * connection finds it, and each reply ends its connection. Then it stops accepting; what is in flight finishes.
 * After `drainMs` the rest is cut, for a client that never reads would hold the server for ever.
 */
function drainOf(app: FastifyInstance, { lingerMs, drainMs }: ServerLimits): Drain {
  let hasBegun = false
  app.addHook('preClose', (done) => {
    hasBegun = true
    const cut = setTimeout(() => app.server.closeAllConnections(), drainMs)
    app.server.once('close', () => clearTimeout(cut))
    setTimeout(done, app.server.listening ? lingerMs : 0)
  })
  return { hasBegun: () => hasBegun }
}

function addPredict(app: FastifyInstance, parts: RouteParts, drain: Drain): void {
  const { service, metrics, limits } = parts
  const predict = predictHandler({ ...parts, maxInstances: limits.maxInstances })
  app.post(`/v1/services/${service.name}/predict`, (request, reply) => {
    const started = performance.now()
    if (metrics.inFlight >= limits.maxInFlight) {
      metrics.observe(503)
      return void sendError(retryLater(reply, overloaded), overloaded)
    }
    metrics.inFlight++
    const answered = (answer: Answer) => {
      metrics.inFlight--
      if (drain.hasBegun()) reply.header('connection', 'close')
      // The error handler counts it.
      if ('failure' in answer) return void reply.send(answer.failure)
      if ('error' in answer) sendError(retryLater(reply, answer.error), answer.error)
      else reply.header('content-type', json).send(answer.body)
      metrics.observe(reply.statusCode, (performance.now() - started) / 1000)
    }
    try {
      predict(request.body, request.id, answered)
    } catch (error) {
      metrics.inFlight--
      throw error
    }
  })
}

/** Turned away for now, not for ever. */
function retryLater(reply: FastifyReply, { status }: ErrorReply): FastifyReply {
  return status === 503 ? reply.header('retry-after', '1') : reply
}

const json = 'application/json; charset=utf-8'

const overloaded = errorReply(503, inferenceErrors.FTI_OVERLOADED, {
  message: 'too many requests are in flight',
  remedy: 'send the request again after a second',
})

function sendError(reply: FastifyReply, error: ErrorReply): void {
  reply.code(error.status).header('content-type', json).send(errorBody(error, reply.request.id))
}

function addHealth(app: FastifyInstance, parts: RouteParts, drain: Drain): void {
  const { service, live, reader, clock, metrics, limits } = parts
  app.get('/health/live', () => ({ status: 'live' }))
  app.get('/health/ready', async (_request, reply) => {
    const { name, scorer } = live.current
    if (drain.hasBegun()) return reply.code(503).send({ status: 'draining', model: name })
    const degraded = [...live.degraded(), ...(await onlineReasons(scorer.signature, reader))]
    return {
      status: 'ready',
      model: name,
      source: live.current.keptAt === undefined ? 'registry' : 'copy',
      degraded: degraded.length > 0,
      reasons: degraded,
      now: clock.replay,
    }
  })
  app.get('/metrics', async (_request, reply) => {
    const text = await metrics.exposition()
    return reply.header('content-type', metrics.contentType).send(text)
  })
  app.get('/openapi.json', () => {
    const { name, scorer } = live.current
    return openApiDocument(service.name, name, scorer.signature, limits.maxInstances)
  })
}

function addErrors(app: FastifyInstance, parts: RouteParts): void {
  const { service, metrics, onEvent } = parts
  app.setNotFoundHandler((request, reply) => {
    const name = /^\/v1\/services\/([^/?]*)/.exec(request.url)?.[1]
    sendError(reply, name === undefined || name === service.name ? noRoute(service) : noService(name, service))
    metrics.observe(404)
  })
  app.setErrorHandler((error: { code?: string }, request, reply) => {
    // The client went away while it sent: nobody reads an answer, and nothing is wrong here.
    if (error.code === 'ECONNRESET') return sendError(reply, failed)
    const known = bodyErrors(parts.limits)[error.code ?? '']
    if (known === undefined) onEvent({ kind: 'request-failed', requestId: request.id, error })
    const answer = known ?? failed
    sendError(reply, answer)
    metrics.observe(answer.status)
  })
}

function noRoute({ name }: Service): ErrorReply {
  const routes = [`POST /v1/services/${name}/predict`, 'GET /health/live', 'GET /health/ready', 'GET /metrics']
  return errorReply(404, inferenceErrors.FTI_ROUTE_UNKNOWN, {
    message: 'the server has no such path with that method',
    remedy: `it has ${[...routes, 'GET /openapi.json'].join(', ')}`,
  })
}

function noService(asked: string, { name }: Service): ErrorReply {
  return errorReply(404, inferenceErrors.FTI_SERVICE_UNKNOWN, {
    message: 'this server does not serve that service',
    remedy: didYouMean(asked, [name]),
  })
}

const failed = errorReply(500, inferenceErrors.FTI_REQUEST_FAILED, {
  message: 'the server failed to answer',
  remedy: 'look for the requestId in the log of the server',
})

/** Refusals of fastify's own body reader, by their code. */
function bodyErrors(limits: ServerLimits): Readonly<Record<string, ErrorReply>> {
  const notJson = errorReply(400, inferenceErrors.FTI_REQUEST_NOT_JSON, {
    message: 'the body is not JSON; NaN and Infinity are none either',
    remedy: 'send {"instances":[{…}]}',
  })
  const media = errorReply(415, inferenceErrors.FTI_REQUEST_MEDIA, {
    message: 'the body is not sent as application/json',
    remedy: 'set the header content-type: application/json',
  })
  const tooLarge = errorReply(413, inferenceErrors.FTI_REQUEST_TOO_LARGE, {
    message: `the body has more than ${limits.maxBodyBytes} bytes`,
    remedy: 'send fewer instances in a request, or use fti predict for a file',
  })
  return {
    FST_ERR_CTP_INVALID_JSON_BODY: notJson,
    FST_ERR_CTP_EMPTY_JSON_BODY: notJson,
    FST_ERR_CTP_INVALID_CONTENT_LENGTH: notJson,
    FST_ERR_CTP_INVALID_MEDIA_TYPE: media,
    FST_ERR_CTP_BODY_TOO_LARGE: tooLarge,
  }
}
