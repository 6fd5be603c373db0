import { columnOf, type Signature, type SignatureGroup } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import {
  type GroupView,
  type JoinedGroup,
  type JoinReport,
  type JoinRequest,
  pointInTimeJoin,
} from '../../store/index.ts'

export interface FeatureJoin
  extends Pick<
    JoinRequest,
    'spine' | 'time' | 'output' | 'ignoreAvailableAt' | 'shiftAvailabilityMs' | 'withSources' | 'signal'
  > {
  readonly signature: Signature
  /** The groups of the signature, each at one snapshot. */
  readonly groups: ReadonlyMap<string, GroupView>
}

/** Joins what a signature reads to the rows of a spine, as known at each row's time. */
export async function joinFeatures(
  engine: Engine,
  { signature, groups, ...request }: FeatureJoin,
): Promise<JoinReport> {
  return pointInTimeJoin(engine, { ...request, groups: signature.groups.map((use) => joinedGroup(use, groups)) })
}

/** One use of a group by a signature, as the join reads it. */
export function joinedGroup(use: SignatureGroup, groups: ReadonlyMap<string, GroupView>): JoinedGroup {
  const view = groups.get(use.group)
  if (!view) throw new Error(`group ${use.group} was not opened`)
  return {
    relation: view.raw,
    name: use.as === undefined ? use.group : `${use.group}_${use.as}`,
    on: use.on,
    pick: use.pick.map((feature) => ({ feature, column: columnOf(use, feature) })),
    eventTime: view.published.contract.eventTime,
    isStatic: use.isStatic,
    maxAgeMs: use.maxAgeMs,
  }
}
