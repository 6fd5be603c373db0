import type { SignatureGroup, Value } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import {
  type ExplainedGroup,
  explainJoin,
  type GroupView,
  type JoinCandidate,
  readHistory,
  snapshotOfSequence,
  whileReading,
} from '../../store/index.ts'
import { joinedGroup } from '../dataset/join-features.ts'
import { withEngine } from '../store-engine.ts'
import { type AskedRow, type FoundRow, findRow } from './find-row.ts'

export interface RowExplanation {
  readonly model: string
  /** The training dataset that holds the row; null for a row that was given by its key. */
  readonly dataset: string | null
  /** The moment as of which values were looked up. */
  readonly at: string
  /** Column of the spine -> value. */
  readonly row: Readonly<Record<string, Value>>
  readonly label: number | null
  readonly groups: readonly GroupExplanation[]
}

/** What one use of a feature group had to offer for the row. */
export interface GroupExplanation extends Omit<ExplainedGroup, 'candidates'> {
  readonly group: string
  readonly as: string | null
  readonly contractVersion: number
  readonly snapshot: number
  readonly maxAgeMs: number | null
  readonly candidates: readonly (JoinCandidate & {
    /** The snapshot that brought it; null when the log no longer tells. */
    readonly snapshot: number | null
  })[]
  /** Key columns that were not given, so that nothing could be looked up. */
  readonly missingKey: readonly string[]
}

/** Lists, for one row of a spine, the stored values among which the point-in-time join chose, each with its verdict. */
export async function explainRow(project: Project, asked: AskedRow, signal?: AbortSignal): Promise<RowExplanation> {
  return withEngine(project, async (engine) => {
    const found = await findRow(engine, project, asked)
    const groups: GroupExplanation[] = []
    for (const use of found.signature.groups) groups.push(await explainGroup(engine, found, use, asked.limit, signal))
    const { model, dataset, at, row, label } = found
    return { model, dataset, at, row, label, groups }
  })
}

async function explainGroup(
  engine: Engine,
  found: FoundRow,
  use: SignatureGroup,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<GroupExplanation> {
  const view = found.groups.get(use.group) as GroupView
  const known = {
    group: use.group,
    as: use.as ?? null,
    contractVersion: view.reference.contractVersion,
    snapshot: view.reference.snapshot,
    maxAgeMs: use.maxAgeMs ?? null,
  }
  const missingKey = Object.values(use.on).filter((column) => !(column in found.row))
  if (missingKey.length > 0) return { ...known, missingKey, candidates: [], counts: nothing }
  const { spine, time, ignoreAvailableAt, shiftAvailabilityMs } = found
  const row = { spine, time, ignoreAvailableAt, shiftAvailabilityMs, limit, signal }
  const { candidates, counts } = await whileReading([view.snapshot], () =>
    explainJoin(engine, row, joinedGroup(use, found.groups)),
  )
  const history = await readHistory(view.snapshot.table)
  return {
    ...known,
    missingKey,
    counts,
    candidates: candidates.map((entry) => ({ ...entry, snapshot: snapshotOfSequence(history, entry.sequence) })),
  }
}

const nothing = { chosen: 0, superseded: 0, 'too old': 0, 'not yet known': 0, 'not yet true': 0 }
