import { formatDuration } from '../base/index.ts'
import type { Model } from '../contract/index.ts'
import type { Project } from '../project/index.ts'
import { type JournalEntry, lostModel, readJournal } from '../registry/index.ts'
import { latestContract } from '../store/index.ts'
import { changedSince, labelsSince } from './changed-since.ts'
import { lastRegistered } from './training-run.ts'

/** Whether something calls for a new version, and what: each rule with what it found. */
export interface Trigger {
  readonly fired: boolean
  readonly reasons: readonly string[]
}

/**
 * Holds a model's `retrain` rules against its newest version that met its gates: one that was refused serves nobody,
 * so it must not make the labels that it used up, or its age, count as served. What fires then trains only when
 * something has changed since the refused one, for the same data and definition would be refused again.
 * A model without rules, or without labels yet, is never triggered. Errors: FTI_REGISTRY_UNREACHABLE when the registry
 * has lost the model, which is no reason to train a first version; FTI_JOURNAL_CORRUPT.
 */
export async function trainingTrigger(project: Project, model: Model, now: Date): Promise<Trigger> {
  const { newRows, olderThanMs } = model.retrain
  if (newRows === undefined && olderThanMs === undefined) return { fired: false, reasons: ['it has no retrain rules'] }
  if (!(await latestContract(project.store, model.label.group)))
    return { fired: false, reasons: [`${model.label.group} has no data yet`] }
  const history = historyOf(await readJournal(project.registry, model.name))
  if (history === undefined) return await neverTrained(project, model)
  const { newest, met } = history
  const trigger = await rulesAgainst(project, model, met, now)
  if (!trigger.fired || newest === met?.version) return trigger
  const refused = `version ${newest} failed its gates`
  const changed = await changedSince(project, model, newest)
  if (changed === undefined) return { fired: false, reasons: [`${refused}, and nothing has changed since`] }
  return { fired: true, reasons: [...trigger.reasons, `${refused}, and ${changed} changed since`] }
}

async function neverTrained(project: Project, model: Model): Promise<Trigger> {
  const known = await lastRegistered(project, model.name)
  if (known === undefined) return { fired: true, reasons: ['it was never trained'] }
  throw lostModel(project.registry, { model: model.name, version: known.version, source: `run ${known.run}` })
}

/** A version that met its gates. */
interface Met {
  readonly version: number
  readonly registeredAt: string
}

/** The newest version, and the newest one that met its gates; undefined when there is none at all. */
function historyOf(journal: readonly JournalEntry[]): { newest: number; met: Met | undefined } | undefined {
  const newest = journal.at(-1)?.newest
  if (newest === undefined) return undefined
  const refused = new Set<number>()
  for (const { kind, version, summary } of journal) {
    if (kind === 'registration' && (summary as { promotable?: unknown } | null)?.promotable === false)
      refused.add(version)
    // Gates that compare with a tag are asked again at a promotion; the last answer counts.
    if (kind === 'refusal') refused.add(version)
    if (kind === 'promotion') refused.delete(version)
  }
  const met = journal.findLast(({ kind, version }) => kind === 'registration' && !refused.has(version))
  return { newest, met: met && { version: met.version, registeredAt: met.at } }
}

async function rulesAgainst(project: Project, model: Model, met: Met | undefined, now: Date): Promise<Trigger> {
  if (met === undefined) return { fired: true, reasons: ['no version has met its gates'] }
  const { newRows, olderThanMs } = model.retrain
  const { version, registeredAt } = met
  const fired: string[] = []
  const quiet: string[] = []
  if (olderThanMs !== undefined) {
    const ageMs = now.getTime() - Date.parse(registeredAt)
    const text = `version ${version} is ${formatDuration(Math.max(0, ageMs))} old, limit ${formatDuration(olderThanMs)}`
    ;(ageMs > olderThanMs ? fired : quiet).push(text)
  }
  if (newRows !== undefined) {
    const rows = await labelsSince(project, model, version)
    ;(rows >= newRows ? fired : quiet).push(`${rows} new labels since version ${version}, limit ${newRows}`)
  }
  return fired.length > 0 ? { fired: true, reasons: fired } : { fired: false, reasons: quiet }
}
