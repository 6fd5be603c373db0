import { join } from 'node:path'
import { didYouMean, errorFacts, FtiError, type Reporter } from '../base/index.ts'
import type { Service } from '../contract/index.ts'
import type { Project } from '../project/index.ts'
import { inferenceErrors } from './errors.ts'
import type { LogMode } from './log/prediction-log.ts'
import { copiesOf } from './models/last-good.ts'
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
  project: Pick<Project, 'name' | 'file' | 'services' | 'registry' | 'online' | 'store' | 'state'>,
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
    copies: copiesOf(project.state, service.name),
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
  const { level, text } = describe(event)
  reporter[level](text)
}

function describe(event: ServerEvent): { readonly level: 'info' | 'warn'; readonly text: string } {
  const warn = (text: string, error: unknown) =>
    ({ level: 'warn', text: `${text}: ${errorFacts(error).message}` }) as const
  switch (event.kind) {
    case 'model-loaded': {
      const { previous, version, keptAt } = event
      const name = `${event.model}@${version}`
      if (keptAt !== undefined)
        return {
          level: 'warn',
          text: `${name} answers, from the copy that was kept at ${keptAt}, not from the registry`,
        }
      const instead = previous === undefined || previous === version ? '' : ` instead of version ${previous}`
      return {
        level: 'info',
        text: `${name} answers${instead}${previous === version ? ' from the registry again' : ''}`,
      }
    }
    case 'registry-back':
      return { level: 'info', text: 'the registry can be read again' }
    case 'log-recovered':
      return { level: 'info', text: 'the prediction log can be written again' }
    case 'online-back':
      return { level: 'info', text: 'the online store can be read again' }
    case 'model-refused':
      return warn(`${event.model}@${event.version} was refused, the last good version goes on`, event.error)
    case 'registry-trouble':
      return warn('the registry cannot be read, the last good version goes on', event.error)
    case 'copy-failed':
      return warn('no copy of what serves can be kept for a start without the registry', event.error)
    case 'log-failed':
      return warn('the prediction log cannot be written, serving goes on', event.error)
    case 'online-trouble':
      return warn('the online store cannot be read', event.error)
    case 'request-failed':
      return warn(`request ${event.requestId} failed`, event.error)
  }
}
