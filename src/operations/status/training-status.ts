import { errorFacts, FtiError, formatDuration } from '../../base/index.ts'
import type { Model } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import { listVersions, readVersion, registryErrors, type VersionEntry } from '../../registry/index.ts'
import { lastRun } from '../../runs/index.ts'
import { type Report, trainingPipeline } from '../../training/index.ts'
import { requireRegisteredModel } from '../models/lost-registry.ts'
import {
  errorProblem,
  failureOf,
  failureText,
  ownersOf,
  type PartStatus,
  type PipelineStatus,
  problemsOf,
  worst,
} from './pipeline-status.ts'

export async function trainingStatus(project: Project, now: Date): Promise<PipelineStatus> {
  const parts: PartStatus[] = []
  for (const model of project.models.values()) parts.push(...(await modelStatus(project, model, now)))
  return {
    pipeline: 'training',
    health: worst(parts),
    summary: parts.map(({ text }) => text).join(', ') || 'no model is declared',
    owners: ownersOf(project.models.values()),
    problems: problemsOf(parts),
  }
}

async function modelStatus(project: Project, model: Model, now: Date): Promise<PartStatus[]> {
  const failure = failureOf(await lastRun(project.state, trainingPipeline(model.name)), model.name)
  const failed: PartStatus[] = failure
    ? [{ health: 'bad', text: `last training of ${model.name} ${failureText(failure, now)}`, problem: failure }]
    : []
  return [...failed, ...(await versionStatus(project, model.name, now))]
}

/** The newest version and those that a tag names: each byte of them is hashed, for these are the ones that are served. */
async function versionStatus(project: Project, model: string, now: Date): Promise<PartStatus[]> {
  try {
    await requireRegisteredModel(project, model)
    const versions = await listVersions(project.registry, model)
    const [newest] = versions
    if (!newest) return [{ health: 'none', text: `${model} has no version` }]
    const parts = [await newestStatus(project, model, newest, now)]
    for (const { version, tags } of versions.slice(1))
      if (tags.length > 0) parts.push(...(await damageOf(project, model, version)))
    return parts
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    if (error.code === 'FTI_MODEL_UNKNOWN') return [{ health: 'none', text: `${model} has no version` }]
    return [broken(model, error, model)]
  }
}

async function newestStatus(
  project: Project,
  model: string,
  { version, registeredAt, summary }: VersionEntry,
  now: Date,
): Promise<PartStatus> {
  const [damage] = await damageOf(project, model, version)
  if (damage) return damage
  const ageMs = registeredAt === null ? undefined : Math.max(0, now.getTime() - Date.parse(registeredAt))
  const text = `newest ${model}@${version}${ageMs === undefined ? '' : `, ${formatDuration(ageMs)} old`}`
  if ((summary as { promotable?: boolean } | null)?.promotable !== false) return { health: 'good', text }
  const failed = await failedGates(project, model, version)
  const problem = {
    about: `${model}@${version}`,
    code: 'FTI_NOT_PROMOTABLE',
    at: registeredAt,
    message: `gates failed: ${failed}`,
    place: null,
    next: `fti registry show ${model}@${version}`,
  }
  return { health: 'warn', text: `${text}, gates failed: ${failed}`, problem }
}

async function failedGates(project: Project, model: string, version: number): Promise<string> {
  const files = await readVersion(project.registry, model, version)
  const { gates } = JSON.parse((await files.read('metrics.json')).toString('utf8')) as Report
  return gates.flatMap(({ gate, passed, found }) => (passed ? [] : [`${gate} (${found})`])).join('; ')
}

/** Empty when every byte of the version is as it was registered. */
async function damageOf(project: Project, model: string, version: number): Promise<PartStatus[]> {
  try {
    await readVersion(project.registry, model, version)
    return []
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    return [broken(`${model}@${version}`, error, model)]
  }
}

/** A part that the registry cannot give. Where it cannot even be read, verifying it would say no more. */
export function broken(about: string, error: FtiError, model: string): PartStatus {
  const isGone = error.code === registryErrors.FTI_REGISTRY_UNREACHABLE.code
  const text = `${about}: ${isGone ? 'the registry cannot be read' : error.message}`
  const next = isGone ? error.remedy : `fti registry verify ${model}`
  return { health: 'bad', text, problem: errorProblem(about, errorFacts(error), next) }
}
