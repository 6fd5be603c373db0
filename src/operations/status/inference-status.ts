import { FtiError } from '../../base/index.ts'
import type { Service } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import { journalHead, readVersion } from '../../registry/index.ts'
import { refuseLostRegistry } from '../models/lost-registry.ts'
import { ownersOf, type PartStatus, type PipelineStatus, problemsOf, worst } from './pipeline-status.ts'
import { broken } from './training-status.ts'

export async function inferenceStatus(project: Project): Promise<PipelineStatus> {
  const parts: PartStatus[] = []
  for (const service of project.services.values()) parts.push(await serviceStatus(project, service))
  return {
    pipeline: 'inference',
    health: worst(parts),
    summary: parts.map(({ text }) => text).join('; ') || 'no service is declared',
    owners: ownersOf(project.services.values()),
    problems: problemsOf(parts),
  }
}

/** What the server says of itself, and whether the version that its tag names could be loaded again after a restart. */
async function serviceStatus(project: Project, service: Service): Promise<PartStatus> {
  const answer = await ask(service)
  const named = await namedVersion(project, service)
  const answers = answer?.text ?? `no server on port ${service.port}`
  if (named instanceof FtiError) {
    const part = broken(service.name, named, service.model)
    return { ...part, text: `${part.text}, ${answers}` }
  }
  const tagged = `${service.model}@${service.tag}`
  const served = named === undefined ? `nothing at ${tagged}` : `${service.model}@${named} (${service.tag})`
  const text = `${service.name}: ${served}, ${answers}`
  if (answer === undefined || answer.health === 'good') return { health: answer?.health ?? 'none', text }
  const next = `curl ${readyUrl(service.port)}`
  const problem = { about: service.name, code: null, at: null, message: answer.text, place: null, next }
  return { health: answer.health, text, problem }
}

/** The version that the service's tag names, every byte checked; undefined when it names none, the error when it cannot be used. */
async function namedVersion(project: Project, { model, tag }: Service): Promise<number | FtiError | undefined> {
  try {
    await refuseLostRegistry(project)
    const version = (await journalHead(project.registry, model)).tags[tag]
    if (version !== undefined) await readVersion(project.registry, model, version)
    return version
  } catch (error) {
    if (error instanceof FtiError) return error
    throw error
  }
}

const askMs = 500

function readyUrl(port: number): string {
  return `http://127.0.0.1:${port}/health/ready`
}

interface Answer {
  readonly health: 'good' | 'warn' | 'bad'
  readonly text: string
}

/** Undefined when nothing answers. What answers may be another program: of its reply only what fits is taken. */
async function ask({ port, model }: Service): Promise<Answer | undefined> {
  try {
    const reply = await fetch(readyUrl(port), { signal: AbortSignal.timeout(askMs) })
    const body = (await reply.json()) as { model?: unknown; degraded?: unknown; reasons?: unknown } | null
    if (!reply.ok) return { health: 'bad', text: 'not ready' }
    const by = typeof body?.model === 'string' ? ` with ${body.model}` : ''
    if (by !== '' && !by.startsWith(` with ${model}@`)) return { health: 'bad', text: `port ${port} answers${by}` }
    if (body?.degraded !== true) return { health: 'good', text: `ready${by}` }
    const reasons = Array.isArray(body.reasons) ? body.reasons.filter((reason) => typeof reason === 'string') : []
    return { health: 'warn', text: `degraded${by}: ${reasons.join(', ')}` }
  } catch {
    return undefined
  }
}
