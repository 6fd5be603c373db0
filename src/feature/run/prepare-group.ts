import { digestOf, FtiError } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { type SettledContract, settleContract } from '../contract/settle-contract.ts'
import { featureErrors } from '../errors.ts'
import { textOf, without } from '../incremental/interval.ts'
import type { Basis } from '../incremental/ledger.ts'
import { type IntervalPlan, planIntervals, type RunExtent } from '../incremental/plan-intervals.ts'
import { describeReader, readersOf } from '../readers.ts'
import type { Intake } from '../sources/intake.ts'
import type { ReadOptions } from '../sources/reading.ts'
import { refuseUnbound } from '../transforms/bind-transforms.ts'
import { decideTransform } from '../transforms/decide-transform.ts'
import { type GroupInput, gatherInput } from './group-input.ts'
import { refusePartial } from './missing-keys.ts'
import { readCoverage } from './read-coverage.ts'

export interface GroupToPrepare extends Pick<ReadOptions, 'signal' | 'say'> {
  readonly engine: Engine
  readonly project: Project
  readonly group: FeatureGroup
  readonly intake: Intake
  readonly extent: RunExtent
}

/** What a run of a group is about to do. Nothing is computed yet, and nothing written. */
export interface PreparedGroup {
  readonly input: GroupInput
  readonly settled: SettledContract
  /** Digest of all that decides what this run gives: of the input, and of the range that was asked for. */
  readonly digest: string
  /** Absent in groups that go over all rows. */
  readonly incremental?: PreparedIntervals | undefined
}

export interface PreparedIntervals extends IntervalPlan {
  readonly basis: Basis
  /** Digest to keep with what is computed; absent where nobody asked for a range. */
  readonly kept?: string | undefined
}

/** Reads what there is to read and decides. Errors: those of the sources, of the SQL, and of the contract. */
export async function prepareGroup(asked: GroupToPrepare): Promise<PreparedGroup> {
  const { engine, project, group, intake, extent } = asked
  const input = await gatherInput(engine, project, group, intake, asked)
  refusePartial(group, input)
  const settled = await settleContract(
    project.store,
    group,
    async () => {
      // A name that the SQL does not give is a mistake to correct, not a change to approve.
      await refuseUnbound(project, group)
      return (await readersOf(project.registry, group.name)).map(describeReader)
    },
    (latest) => decideTransform(engine, { root: project.store, group, latest, inputs: input.inputs }),
  )
  const digest = extent.kind === 'range' ? digestOf({ input: input.digest, range: textOf(extent.range) }) : input.digest
  const { incremental } = group
  if (incremental === undefined) return { input, settled, digest }
  const sources = input.sources.map(({ source }) => source)
  const { basis, known } = await readCoverage(engine, project, group, { ...input, sources })
  const plan = planIntervals(extent, incremental, known, input.digest)
  refuseUnread(group, input, plan)
  const kept = extent.kind === 'range' ? input.digest : undefined
  return { input, settled, digest, incremental: { ...plan, basis, kept } }
}

/** What was fetched was decided when the run began; then somebody else may have committed. */
function refuseUnread({ name }: FeatureGroup, { sources }: GroupInput, { steps }: IntervalPlan): void {
  const computed = steps.flatMap(({ intervals }) => intervals)
  const unread = sources.find(({ span }) => span && computed.some((interval) => without(interval, [span]).length > 0))
  if (unread === undefined) return
  throw new FtiError(featureErrors.FTI_COVERAGE_CHANGED, {
    message: `what is covered of '${name}' changed while ${unread.source.name} was read`,
    place: `featureGroups.${name}`,
    remedy: `run it again; nothing was committed`,
  })
}
