import { columnOf, type Signature } from '../contract/index.ts'
import type { Engine } from '../engine/index.ts'
import { type GroupView, type JoinReport, type JoinRequest, pointInTimeJoin } from '../store/index.ts'

export interface FeatureJoin
  extends Pick<JoinRequest, 'spine' | 'time' | 'output' | 'ignoreAvailableAt' | 'shiftAvailabilityMs' | 'signal'> {
  readonly signature: Signature
  /** The groups of the signature, each at one snapshot. */
  readonly groups: ReadonlyMap<string, GroupView>
}

/** Joins what a signature reads to the rows of a spine, as known at each row's time. */
export async function joinFeatures(
  engine: Engine,
  { signature, groups, ...request }: FeatureJoin,
): Promise<JoinReport> {
  return pointInTimeJoin(engine, {
    ...request,
    groups: signature.groups.map((selection) => {
      const view = groups.get(selection.group)
      if (!view) throw new Error(`group ${selection.group} was not opened`)
      return {
        relation: view.raw,
        name: selection.as === undefined ? selection.group : `${selection.group}_${selection.as}`,
        on: selection.on,
        pick: selection.pick.map((feature) => ({ feature, column: columnOf(selection, feature) })),
        eventTime: view.published.contract.eventTime,
        isStatic: selection.isStatic,
        maxAgeMs: selection.maxAgeMs,
      }
    }),
  })
}
