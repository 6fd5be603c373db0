import { formatDuration } from '../base/index.ts'
import { listFeatureGroups } from '../feature/index.ts'
import type { Project } from '../project/index.ts'
import { journalHead, listVersions } from '../registry/index.ts'
import { lastRun } from '../runs/index.ts'

export type Health = 'good' | 'warn' | 'bad' | 'none'

/** One of the three pipelines, in one line. */
export interface PipelineStatus {
  readonly pipeline: 'feature' | 'training' | 'inference'
  readonly health: Health
  readonly summary: string
  readonly owners: readonly string[]
}

/** Three states, for they are three incidents: features are late, training failed, inference is down. */
export async function status(project: Project, now: Date): Promise<PipelineStatus[]> {
  return [await featureStatus(project, now), await trainingStatus(project, now), await inferenceStatus(project)]
}

const order: readonly Health[] = ['bad', 'warn', 'good', 'none']

function worst(healths: readonly Health[]): Health {
  return order.find((health) => healths.includes(health)) ?? 'none'
}

function ownersOf(nouns: Iterable<{ readonly owner?: string | undefined }>): string[] {
  return [...new Set([...nouns].flatMap(({ owner }) => owner ?? []))]
}

async function featureStatus(project: Project, now: Date): Promise<PipelineStatus> {
  const summaries = new Map((await listFeatureGroups(project)).map((summary) => [summary.group, summary]))
  const found: { health: Health; text: string; lagMs: number }[] = []
  for (const { name, freshness } of project.groups.values()) {
    const { problem = null, committedAt = null } = summaries.get(name) ?? {}
    const run = await lastRun(project.state, `feature-${name}`)
    const failed = run?.status === 'failed' || run?.status === 'crashed'
    if (problem !== null) found.push({ health: 'bad', text: `${name}: ${problem}`, lagMs: 0 })
    else if (failed) found.push({ health: 'bad', text: `${name} failed`, lagMs: 0 })
    else if (committedAt === null) found.push({ health: 'none', text: `${name} never ran`, lagMs: 0 })
    else {
      const lagMs = now.getTime() - Date.parse(committedAt)
      const isLate = freshness !== undefined && lagMs > freshness.warnMs
      const health: Health = isLate ? (lagMs > freshness.errorMs ? 'bad' : 'warn') : 'good'
      found.push({ health, text: `${name} is ${formatDuration(Math.max(0, lagMs))} behind`, lagMs })
    }
  }
  const health = worst(found.map((entry) => entry.health))
  const trouble = found.filter((entry) => entry.health !== 'good').map(({ text }) => text)
  const lagMs = Math.max(0, ...found.map((entry) => entry.lagMs))
  const summary =
    trouble.length > 0 ? trouble.join(', ') : `${found.length} groups, last commit at most ${formatDuration(lagMs)} ago`
  return { pipeline: 'feature', health, summary, owners: ownersOf(project.groups.values()) }
}

async function trainingStatus(project: Project, now: Date): Promise<PipelineStatus> {
  const lines: { health: Health; text: string }[] = []
  for (const model of project.models.values()) {
    const run = await lastRun(project.state, `train-${model.name}`)
    const versions = await listVersions(project.registry, model.name).catch(() => [])
    const newest = versions[0]
    const age = newest?.registeredAt
      ? `, ${formatDuration(Math.max(0, now.getTime() - Date.parse(newest.registeredAt)))} old`
      : ''
    const failed = run?.status === 'failed' || run?.status === 'crashed'
    const text = newest ? `newest ${model.name}@${newest.version}${age}` : `${model.name} has no version`
    lines.push({
      health: failed ? 'bad' : newest ? 'good' : 'none',
      text: failed ? `last training of ${model.name} ${run.status}; ${text}` : text,
    })
  }
  return {
    pipeline: 'training',
    health: worst(lines.map(({ health }) => health)),
    summary: lines.map(({ text }) => text).join(', ') || 'no model is declared',
    owners: ownersOf(project.models.values()),
  }
}

async function inferenceStatus(project: Project): Promise<PipelineStatus> {
  const lines: { health: Health; text: string }[] = []
  for (const service of project.services.values()) {
    const version = await championOf(project, service.model, service.tag)
    const answer = await ask(service.port)
    const served =
      version === undefined
        ? `nothing at ${service.model}@${service.tag}`
        : `${service.model}@${version} (${service.tag})`
    if (answer === undefined)
      lines.push({ health: 'none', text: `${service.name}: ${served}, no server on port ${service.port}` })
    else
      lines.push({
        health: answer.ready ? (answer.degraded ? 'warn' : 'good') : 'bad',
        text: `${service.name}: ${served}, ${answer.text}`,
      })
  }
  return {
    pipeline: 'inference',
    health: worst(lines.map(({ health }) => health)),
    summary: lines.map(({ text }) => text).join('; ') || 'no service is declared',
    owners: ownersOf(project.services.values()),
  }
}

async function championOf(project: Project, model: string, tag: string): Promise<number | undefined> {
  try {
    return (await journalHead(project.registry, model)).tags[tag]
  } catch {
    return undefined
  }
}

const askMs = 500

async function ask(port: number): Promise<{ ready: boolean; degraded: boolean; text: string } | undefined> {
  try {
    const reply = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(askMs) })
    const body = (await reply.json()) as { degraded?: unknown[] }
    const degraded = (body.degraded ?? []).length > 0
    return {
      ready: reply.ok,
      degraded,
      text: reply.ok ? (degraded ? `degraded: ${body.degraded?.join(', ')}` : 'ready') : 'not ready',
    }
  } catch {
    return undefined
  }
}
