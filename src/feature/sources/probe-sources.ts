import { connect } from 'node:net'
import { FtiError } from '../../base/index.ts'
import type { HttpSource, PostgresSource, Source } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import { featureErrors } from '../errors.ts'
import { whereIs } from './where-is.ts'

const patienceMs = 3000

/** An error for each server of a source to which no connection can be made now. Nothing is asked, and no secret is sent. */
export async function unreachableSources(project: Project): Promise<FtiError[]> {
  const servers = [...project.sources.values()].filter(isServer)
  const found = await Promise.all(servers.map((source) => probe(project, source)))
  return found.filter((error) => error !== undefined)
}

function isServer(source: Source): source is HttpSource | PostgresSource {
  return source.type === 'http' || source.type === 'postgres'
}

async function probe(project: Project, source: HttpSource | PostgresSource): Promise<FtiError | undefined> {
  const { protocol, hostname, port } = new URL(source.url)
  const usual = source.type === 'postgres' ? 5432 : protocol === 'https:' ? 443 : 80
  const problem = await connectionProblem(hostname.replace(/^\[|\]$/g, ''), port === '' ? usual : Number(port))
  if (problem === undefined) return undefined
  return new FtiError(featureErrors.FTI_SOURCE_UNREACHABLE, {
    message: `source '${source.name}' cannot be reached: ${problem}`,
    place: project.locate(['sources', source.name, 'url']),
    remedy: `see whether ${whereIs(source, project.directory)} runs and can be reached from here`,
    data: { source: source.name },
  })
}

function connectionProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (problem?: string) => {
      socket.destroy()
      resolve(problem)
    }
    socket.setTimeout(patienceMs, () => end(`no answer for ${patienceMs / 1000} s`))
    socket.once('connect', () => end())
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}
