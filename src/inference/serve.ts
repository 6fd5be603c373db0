import { join } from 'node:path'
import { didYouMean, errorFacts, FtiError, type Reporter } from '../base/index.ts'
import type { Service } from '../contract/index.ts'
import type { Project } from '../project/index.ts'
import { inferenceErrors } from './errors.ts'
import type { LogMode } from './prediction-log.ts'
import type { ServerEvent } from './server-event.ts'
import { type RunningServer, startServer } from './start-server.ts'

export interface ServeOptions {
  /** May be left out in a project with one service. */
  readonly service?: string | undefined
  readonly host: string
  readonly port?: number | undefined
  readonly allowRemote: boolean
  readonly now?: Date | undefined
  readonly logMode: LogMode
  readonly reporter: Reporter
}

/** Serves a service of a project: `startServer` with the project's places, telling events to the reporter. */
export async function serve(
  project: Pick<Project, 'name' | 'file' | 'services' | 'registry' | 'online' | 'store'>,
  options: ServeOptions,
): Promise<RunningServer & { readonly service: string }> {
  const service = serviceOf(project, options.service)
  const server = await startServer({
    service,
    registry: project.registry,
    online: project.online,
    now: options.now,
    host: options.host,
    port: options.port,
    allowRemote: options.allowRemote,
    log: { directory: join(project.store, '_predictions', service.name), mode: options.logMode },
    onEvent: (event) => tell(options.reporter, event),
  })
  return { ...server, service: service.name }
}

function serviceOf({ name, file, services }: Pick<Project, 'name' | 'file' | 'services'>, asked?: string): Service {
  const [only] = services.size === 1 ? services.keys() : []
  const wanted = asked ?? only
  const service = wanted === undefined ? undefined : services.get(wanted)
  if (service) return service
  throw new FtiError(inferenceErrors.FTI_SERVICE_UNKNOWN, {
    message:
      asked === undefined
        ? `${name} has ${services.size} services; say which one`
        : `${name} has no service '${asked}'`,
    place: file,
    remedy:
      asked === undefined
        ? `write: fti serve ${[...services.keys()].join(' | ') || 'SERVICE'}`
        : didYouMean(asked, services.keys()),
  })
}

function tell(reporter: Reporter, event: ServerEvent): void {
  switch (event.kind) {
    case 'model-loaded':
      return reporter.info(
        `${event.model}@${event.version} answers${event.previous === undefined ? '' : ` instead of version ${event.previous}`}`,
      )
    case 'model-refused':
      return reporter.warn(
        `${event.model}@${event.version} was refused, the version before goes on: ${errorFacts(event.error).message}`,
      )
    case 'registry-back':
      return reporter.info('the registry can be read again')
    case 'log-recovered':
      return reporter.info('the prediction log can be written again')
    case 'registry-trouble':
      return reporter.warn(
        `the registry cannot be read, the loaded version goes on: ${errorFacts(event.error).message}`,
      )
    case 'log-failed':
      return reporter.warn(`the prediction log cannot be written, serving goes on: ${errorFacts(event.error).message}`)
    case 'online-trouble':
      return reporter.warn(`the online store cannot be read: ${errorFacts(event.error).message}`)
    case 'request-failed':
      return reporter.warn(`request ${event.requestId} failed: ${errorFacts(event.error).message}`)
  }
}
