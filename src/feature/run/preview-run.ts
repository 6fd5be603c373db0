import { throwIfCancelled, withCleanUp } from '../../base/index.ts'
import { refuseRange } from '../incremental/asked-range.ts'
import { allTime, type IntervalText, textOf } from '../incremental/interval.ts'
import { openProjectEngine } from '../project-engine.ts'
import { openIntake } from '../sources/intake.ts'
import { orderGroups } from '../transforms/order-groups.ts'
import { findLastOutcome } from './find-last-outcome.ts'
import { isWaiting } from './group-input.ts'
import { neededSpans } from './needed-spans.ts'
import { type GroupToPrepare, type PreparedGroup, prepareGroup } from './prepare-group.ts'
import type { FeatureRunOptions } from './run-groups.ts'

/** What a run would compute of one group. */
export interface GroupPreview {
  readonly group: string
  /** In order; empty where there is nothing to do. */
  readonly intervals: readonly IntervalToCompute[]
  /** Spans of the range that was asked for, computed from the same input already. */
  readonly done: readonly IntervalText[]
}

export interface IntervalToCompute extends IntervalText {
  readonly why: string
  /** Intervals with the same number land in one commit. */
  readonly commit: number
}

/**
 * What `runFeatureGroups` would compute with these options, from the store and the sources as they are now: a group that reads one
 * that would commit something may have more to do than this says. Writes nothing.
 */
export async function previewRun(
  options: Pick<FeatureRunOptions, 'project' | 'groups' | 'extent' | 'signal'>,
): Promise<GroupPreview[]> {
  const { project, groups, signal, extent = { kind: 'new' } } = options
  const engine = await openProjectEngine(project)
  const previewAll = async () => {
    const ordered = await orderGroups(project, groups, engine)
    refuseRange(ordered, extent)
    const intake = openIntake(project, { spans: await neededSpans(engine, project, ordered, extent) })
    const previewEach = async () => {
      const previews: GroupPreview[] = []
      for (const { group } of ordered) {
        throwIfCancelled(signal)
        previews.push(await previewGroup({ engine, project, group, intake, extent, say: () => {}, signal }))
      }
      return previews
    }
    return withCleanUp(previewEach, () => intake.close())
  }
  return withCleanUp(previewAll, () => engine.close())
}

async function previewGroup(asked: GroupToPrepare): Promise<GroupPreview> {
  const { project, group, extent } = asked
  const prepared = await prepareGroup(asked)
  const { settled, digest, input, incremental } = prepared
  const nothing = { group: group.name, intervals: [], done: incremental?.done.map(textOf) ?? [] }
  if (isWaiting(input)) return nothing
  const isDone =
    extent.kind === 'new' && settled.current && (await findLastOutcome(project, settled.current, digest)) !== undefined
  return isDone ? nothing : { ...nothing, intervals: toCompute(prepared, extent.kind === 'full') }
}

function toCompute({ incremental }: PreparedGroup, isFull: boolean): IntervalToCompute[] {
  if (incremental === undefined) {
    return [
      {
        ...textOf(allTime),
        why: isFull ? 'everything again' : 'its input or its code is not that of the last commit',
        commit: 0,
      },
    ]
  }
  return incremental.steps.flatMap(({ intervals, why }, commit) =>
    intervals.map((interval) => ({ ...textOf(interval), why, commit })),
  )
}
