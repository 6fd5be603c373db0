import { didYouMean, FtiError } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { listQuarantines, quarantineRelation } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { openProjectEngine } from '../project-engine.ts'

/** What lies in one group's quarantine. Times are ISO 8601. */
export interface QuarantineSummary {
  readonly group: string
  readonly rows: number
  readonly oldest: string
  readonly newest: string
  readonly reasons: readonly { readonly reason: string; readonly rows: number }[]
}

/** One refused row. */
export interface QuarantinedRow {
  readonly reason: string
  readonly quarantinedAt: string
  /** The run that refused it. */
  readonly runId: string
  /** Every value as text, as the transform gave it. */
  readonly values: Readonly<Record<string, string | null>>
}

/** The groups whose quarantine is not empty, by name. */
export async function listQuarantine(project: Project): Promise<QuarantineSummary[]> {
  const engine = await openProjectEngine(project)
  try {
    const found: QuarantineSummary[] = []
    for (const group of await listQuarantines(project.store)) {
      const summary = await summarize(engine, project.store, group)
      if (summary.rows > 0) found.push(summary)
    }
    return found
  } finally {
    await engine.close()
  }
}

/** The refused rows of a group, newest first. An unknown group is an error, one without refused rows an empty list. */
export async function showQuarantine(
  project: Project,
  group: string,
  limit: number,
): Promise<{ readonly summary: QuarantineSummary; readonly rows: readonly QuarantinedRow[] }> {
  await requireKnown(project, group)
  const engine = await openProjectEngine(project)
  try {
    const relation = await quarantineRelation(project.store, group)
    const rows = await engine.rows<{ reason: string; row: string; quarantined_at: string; run_id: string }>(
      `SELECT reason, row, quarantined_at, run_id FROM (${relation}) ORDER BY quarantined_at DESC, row LIMIT ${limit}`,
    )
    return {
      summary: await summarize(engine, project.store, group),
      rows: rows.map(({ reason, row, quarantined_at: quarantinedAt, run_id: runId }) => ({
        reason,
        quarantinedAt,
        runId,
        values: JSON.parse(row) as Record<string, string | null>,
      })),
    }
  } finally {
    await engine.close()
  }
}

/** Never success over the empty set of a mistyped name. */
async function requireKnown(project: Project, group: string): Promise<void> {
  const known = new Set([...project.groups.keys(), ...(await listQuarantines(project.store))])
  if (known.has(group)) return
  throw new FtiError(featureErrors.FTI_GROUP_UNKNOWN, {
    message: `there is no feature group '${group}' in ${project.name}, and none in its quarantine`,
    place: project.file,
    remedy: didYouMean(group, known),
  })
}

async function summarize(engine: Engine, root: string, group: string): Promise<QuarantineSummary> {
  const relation = await quarantineRelation(root, group)
  const reasons = await engine.rows<{ reason: string; rows: number; oldest: string; newest: string }>(
    `SELECT reason, count(*) AS rows, min(quarantined_at) AS oldest, max(quarantined_at) AS newest
     FROM (${relation}) GROUP BY reason ORDER BY rows DESC, reason`,
  )
  const times = reasons.flatMap(({ oldest, newest }) => [oldest, newest]).sort()
  return {
    group,
    rows: reasons.reduce((sum, { rows }) => sum + rows, 0),
    oldest: times[0] ?? '',
    newest: times.at(-1) ?? '',
    reasons: reasons.map(({ reason, rows }) => ({ reason, rows })),
  }
}
