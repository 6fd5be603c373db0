import { listRuns } from '../../runs/index.ts'

/** What filling a table again would take. Null where nothing is known before the first run. */
export interface Backfill {
  readonly rows: number | null
  readonly seconds: number | null
}

/** How many of the newest runs speak: enough for a median, few enough to follow a machine that was changed. */
const witnesses = 20

/** Time from the group's own past runs on this machine: the median of their seconds for a row, times the rows. */
export async function estimateBackfill(state: string, group: string, rows: number | null): Promise<Backfill> {
  if (rows === null) return { rows: null, seconds: null }
  const runs = await listRuns(state, { pipeline: `feature-${group}`, limit: witnesses })
  const perRow = runs.flatMap((run) => {
    if (run.status !== 'done' || run.durationMs === null) return []
    const made = run.outputs as { readonly status?: unknown; readonly rows?: unknown } | null
    const counted = made?.status === 'committed' && typeof made.rows === 'number' ? made.rows : 0
    return counted > 0 ? [run.durationMs / 1000 / counted] : []
  })
  perRow.sort((a, b) => a - b)
  const median = perRow[Math.floor(perRow.length / 2)]
  return { rows, seconds: median === undefined ? null : median * rows }
}
