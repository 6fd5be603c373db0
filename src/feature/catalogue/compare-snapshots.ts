import { FtiError } from '../../base/index.ts'
import type { ColumnProfile, Profile, SnapshotReference, SnapshotSelector } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import {
  compareSnapshots,
  type FeatureDifference,
  type GroupView,
  openGroup,
  readProfile,
  whileReading,
} from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { openProjectEngine } from '../project-engine.ts'
import { computeProfile } from './profile-group.ts'

/** What a group has learned between two of its snapshots. */
export interface SnapshotDifference {
  readonly from: SnapshotReference
  readonly to: SnapshotReference
  /** Values (one for each key and event time) that only `to` has. */
  readonly added: number
  /** Values that only `from` has. */
  readonly removed: number
  /** Values that both have, with other features. */
  readonly restated: number
  readonly features: readonly ComparedFeature[]
}

export interface ComparedFeature extends FeatureDifference {
  readonly before: FeatureSummary
  readonly after: FeatureSummary
  /** Of the mean, in standard deviations of `from`; null where there is no mean or no deviation. */
  readonly shift: number | null
}

export interface FeatureSummary {
  readonly nullShare: number
  readonly distinct: number
  readonly mean: number | null
}

/** Compares two snapshots of one group, value by value and by their statistics. */
export async function diffSnapshots(
  project: Project,
  from: SnapshotSelector,
  to: SnapshotSelector,
  signal?: AbortSignal,
): Promise<SnapshotDifference> {
  if (from.group !== to.group) {
    throw new FtiError(featureErrors.FTI_SNAPSHOTS_DIFFER, {
      message: `'${from.group}' and '${to.group}' are two groups`,
      remedy: `compare two snapshots of one: fti feature diff ${from.group}@0 ${from.group}`,
    })
  }
  const [before, after] = [await open(project, from), await open(project, to)]
  const engine = await openProjectEngine(project)
  try {
    const { features, ...counts } = await whileReading([before.snapshot, after.snapshot], () =>
      compareSnapshots(engine, before, after, signal),
    )
    const profiles: Profile[] = []
    for (const view of [before, after])
      profiles.push((await readProfile(project.store, view.reference)) ?? (await computeProfile(engine, view, signal)))
    const column = (index: number, name: string) => profiles[index]?.columns.find((entry) => entry.name === name)
    return {
      from: before.reference,
      to: after.reference,
      ...counts,
      features: features.map((feature) => withSummaries(feature, column(0, feature.name), column(1, feature.name))),
    }
  } finally {
    await engine.close()
  }
}

function open({ store }: Project, { group, at }: SnapshotSelector): Promise<GroupView> {
  return openGroup(store, group, { at: at.kind === 'latest' ? undefined : at.kind === 'time' ? at.time : at.snapshot })
}

function withSummaries(
  feature: FeatureDifference,
  before: ColumnProfile | undefined,
  after: ColumnProfile | undefined,
): ComparedFeature {
  const deviation = before?.standardDeviation ?? 0
  const isComparable = before?.mean !== undefined && after?.mean !== undefined && deviation > 0
  const shift = isComparable ? ((after.mean ?? 0) - (before.mean ?? 0)) / deviation : null
  return { ...feature, before: summaryOf(before), after: summaryOf(after), shift }
}

function summaryOf(column: ColumnProfile | undefined): FeatureSummary {
  const { count = 0, nulls = 0, distinct = 0, mean = null } = column ?? {}
  return { nullShare: count === 0 ? 0 : nulls / count, distinct, mean }
}
