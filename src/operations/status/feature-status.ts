import { counted, errorFacts, formatDuration } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import { type GroupSummary, listFeatureGroups } from '../../feature/index.ts'
import type { Project } from '../../project/index.ts'
import { lastRun } from '../../runs/index.ts'
import { lostStore } from './lost-store.ts'
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

export async function featureStatus(project: Project, now: Date): Promise<PipelineStatus> {
  const summaries = new Map((await listFeatureGroups(project, now)).map((summary) => [summary.group, summary]))
  const names = [...project.groups.keys()]
  const lost = await lostStore(
    project,
    names.filter((name) => isEmpty(summaries.get(name))),
  )
  const found: GroupStatus[] = []
  for (const group of project.groups.values())
    found.push(
      lost?.groups.has(group.name)
        ? { health: 'bad', text: `${group.name} is not in the store`, lagMs: 0 }
        : await groupStatus(project, group, summaries, now),
    )
  const trouble = found.filter((entry) => entry.health !== 'good').map(({ text }) => text)
  const lagMs = Math.max(0, ...found.map((entry) => entry.lagMs))
  const all = `${counted(found.length, 'group')}, last commit at most ${formatDuration(lagMs)} ago`
  const summary = found.length === 0 ? 'no feature group is declared' : trouble.join(', ') || all
  return {
    pipeline: 'feature',
    health: worst(found),
    summary,
    owners: ownersOf(project.groups.values()),
    problems: [
      ...(lost ? [errorProblem('feature store', errorFacts(lost.error), lost.error.remedy)] : []),
      ...problemsOf(found),
    ],
  }
}

function isEmpty(summary: GroupSummary | undefined): boolean {
  return summary === undefined || (summary.problem === null && summary.committedAt === null)
}

interface GroupStatus extends PartStatus {
  readonly lagMs: number
}

async function groupStatus(
  project: Project,
  { name }: FeatureGroup,
  summaries: ReadonlyMap<string, GroupSummary>,
  now: Date,
): Promise<GroupStatus> {
  const { problem = null, committedAt = null, freshness } = summaries.get(name) ?? {}
  const failure = failureOf(await lastRun(project.state, `feature-${name}`), name)
  if (problem !== null) {
    const damage = {
      about: name,
      code: null,
      at: null,
      message: problem,
      place: null,
      next: `fti feature show ${name}`,
    }
    return { health: 'bad', text: `${name}: ${problem}`, lagMs: 0, problem: damage }
  }
  if (failure) return { health: 'bad', text: `${name} ${failureText(failure, now)}`, lagMs: 0, problem: failure }
  if (committedAt === null) return { health: 'none', text: `${name} never ran`, lagMs: 0 }
  const lagMs = freshness?.ageMs ?? 0
  const health = freshness?.state === 'error' ? 'bad' : freshness?.state === 'warn' ? 'warn' : 'good'
  return { health, text: `${name} is ${formatDuration(lagMs)} behind`, lagMs }
}
