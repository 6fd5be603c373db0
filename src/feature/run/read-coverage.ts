import type { FeatureGroup, Source } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { type GroupView, type IntervalLedger, latestContract, readSnapshot, tablePath } from '../../store/index.ts'
import { type Basis, basisOf, coverageOf } from '../incremental/ledger.ts'
import { decideTransform } from '../transforms/decide-transform.ts'
import type { GroupInputs } from '../transforms/inputs.ts'
import { declaredForm } from './group-input.ts'

export interface Coverage {
  readonly basis: Basis
  /** What still holds of the group's ledger. */
  readonly known: IntervalLedger
}

/** What is covered of a group, given what it is made of now. */
export async function readCoverage(
  engine: Engine,
  project: Pick<Project, 'store'>,
  group: FeatureGroup,
  made: {
    readonly inputs: Pick<GroupInputs, 'sql' | 'extra' | 'tree'>
    readonly sources: readonly Source[]
    readonly upstream: readonly GroupView[]
  },
): Promise<Coverage> {
  const { inputs, sources, upstream } = made
  const root = project.store
  const latest = await latestContract(root, group.name)
  const { publish } = await decideTransform(engine, { root, group, latest, inputs })
  const transform = publish ?? latest?.transform
  const basis = basisOf(group, {
    inputs,
    sources: sources.map(formWithQuery),
    upstream,
    isForwardOnly: transform?.forwardFrom !== undefined,
  })
  const snapshot = await readSnapshot(tablePath(root, group.name, latest?.version ?? 1))
  return { basis, known: coverageOf(snapshot?.mark?.ledger, basis) }
}

/** A query of a source decides values as the transform does. */
function formWithQuery(source: Source): object {
  const query = 'read' in source ? source.read.query : undefined
  return { ...declaredForm(source), ...(query === undefined ? {} : { query }) }
}
