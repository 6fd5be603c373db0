import { formatDuration } from '../base/index.ts'
import type { Lineage, Model } from '../contract/index.ts'
import type { Project } from '../project/index.ts'
import { journalHead, listVersions, readVersion } from '../registry/index.ts'
import { latestContract, openGroup, readSnapshot } from '../store/index.ts'

/** Whether something calls for a new version, and what: each rule with what it found. */
export interface Trigger {
  readonly fired: boolean
  readonly reasons: readonly string[]
}

/** Holds a model's `retrain` rules against its newest version. A model without rules, or without labels yet, is never triggered. */
export async function trainingTrigger(project: Project, model: Model, now: Date): Promise<Trigger> {
  const { newRows, olderThanMs } = model.retrain
  if (newRows === undefined && olderThanMs === undefined) return { fired: false, reasons: ['it has no retrain rules'] }
  if (!(await latestContract(project.store, model.label.group)))
    return { fired: false, reasons: [`${model.label.group} has no data yet`] }
  const { newest } = await journalHead(project.registry, model.name)
  if (newest === null || newest === undefined) return { fired: true, reasons: ['it was never trained'] }
  const fired: string[] = []
  const quiet: string[] = []
  if (olderThanMs !== undefined) {
    const ageMs = await ageOf(project, model, newest, now)
    const text = `version ${newest} is ${formatDuration(Math.max(0, ageMs))} old, limit ${formatDuration(olderThanMs)}`
    ;(ageMs > olderThanMs ? fired : quiet).push(text)
  }
  if (newRows !== undefined) {
    const rows = await labelsSince(project, model, newest)
    ;(rows >= newRows ? fired : quiet).push(`${rows} new labels since version ${newest}, limit ${newRows}`)
  }
  return fired.length > 0 ? { fired: true, reasons: fired } : { fired: false, reasons: quiet }
}

async function ageOf(project: Project, model: Model, version: number, now: Date): Promise<number> {
  const entry = (await listVersions(project.registry, model.name)).find((candidate) => candidate.version === version)
  return entry?.registeredAt ? now.getTime() - Date.parse(entry.registeredAt) : 0
}

/** Label rows that were committed after the snapshot from which the newest version was trained. */
async function labelsSince(project: Project, model: Model, version: number): Promise<number> {
  const files = await readVersion(project.registry, model.name, version)
  const lineage = JSON.parse((await files.read('lineage.json')).toString('utf8')) as Lineage
  const now = await openGroup(project.store, model.label.group)
  const used = lineage.snapshots.find(({ group }) => group === model.label.group)
  // A new contract version is a table of its own: all its rows are new to the model.
  if (used?.contractVersion !== now.reference.contractVersion) return now.snapshot.rows
  const then = await readSnapshot(now.snapshot.table, used.snapshot)
  return now.snapshot.rows - (then?.rows ?? 0)
}
