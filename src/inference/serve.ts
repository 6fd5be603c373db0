import { join } from 'node:path'
import { didYouMean, FtiError, type Reporter } from '../base/index.ts'
import type { Service } from '../contract/index.ts'
import type { Project } from '../project/index.ts'
import { inferenceErrors } from './errors.ts'
import type { LogMode } from './prediction-log.ts'
import { eventText } from './server-event.ts'
import { type RunningServer, startServer } from './start-server.ts'

export interface ServeOptions {
  /** Name in the project file; may be left out when there is one. */
  readonly service?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly allowRemote?: boolean | undefined
  readonly now?: Date | undefined
  readonly logMode?: LogMode | undefined
  readonly reporter: Reporter
}

export interface ServingProject extends RunningServer {
  readonly service: string
}

type ServedProject = Pick<Project, 'file' | 'services' | 'registry' | 'online' | 'state'>

/** Serves a service of a project; what happens meanwhile goes to the reporter. Errors: FTI_SERVICE_UNKNOWN and those of `startServer`. */
export async function serve(project: ServedProject, options: ServeOptions): Promise<ServingProject> {
  const { reporter } = options
  const service = chooseService(project, options.service)
  const server = await startServer({
    service,
    registry: project.registry,
    online: project.online,
    now: options.now,
    host: options.host,
    port: options.port,
    allowRemote: options.allowRemote,
    // Not in the feature store: a server goes on when that is gone.
    log: { directory: join(project.state, 'predictions', service.name), mode: options.logMode },
    onEvent: (event) => {
      const { isTrouble, text } = eventText(event)
      if (isTrouble) reporter.warn(text)
      else reporter.info(text)
    },
  })
  return { ...server, service: service.name }
}

/** The named service, or the only one. */
export function chooseService(project: Pick<Project, 'file' | 'services'>, name: string | undefined): Service {
  const names = [...project.services.keys()]
  const [only] = project.services.values()
  const chosen = name === undefined ? (names.length === 1 ? only : undefined) : project.services.get(name)
  if (chosen !== undefined) return chosen
  const remedy =
    names.length === 0
      ? 'add one under services: with the model that it serves'
      : name === undefined
        ? `name one of ${names.join(', ')}`
        : didYouMean(name, names)
  throw new FtiError(inferenceErrors.FTI_SERVICE_UNKNOWN, {
    message: name === undefined ? `the project has ${names.length || 'no'} services` : `no service is named '${name}'`,
    place: project.file,
    remedy,
  })
}
