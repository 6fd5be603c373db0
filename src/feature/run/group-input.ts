import { canonicalJson, digestOf } from '../../base/index.ts'
import { contractOf, type FeatureGroup, promiseOf, type Source } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { type GroupView, latestContract, listGroups, openGroup, readSnapshot, tablePath } from '../../store/index.ts'
import type { Intake } from '../sources/intake.ts'
import type { Reading, ReadOptions } from '../sources/reading.ts'
import { findInputs, type GroupInputs } from '../transforms/inputs.ts'

/** Everything that decides what a run of a group will give; equal digests give equal rows. */
export interface GroupInput {
  readonly inputs: GroupInputs
  readonly sources: readonly Reading[]
  readonly upstream: readonly GroupView[]
  readonly digest: string
  /** A group that it reads and to which nothing was ever pushed, so that there is nothing to compute. */
  readonly waitsFor?: string | undefined
}

/** Reads the SQL, the fingerprints of the sources that it names, and the snapshots of the groups. */
export async function gatherInput(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  intake: Intake,
  options: Pick<ReadOptions, 'say' | 'signal'>,
): Promise<GroupInput> {
  const published = await listGroups(project.store)
  const inputs = await findInputs(engine, project, group, published)
  const sources: Reading[] = []
  for (const name of inputs.sources) {
    const source = project.sources.get(name)
    if (source) sources.push(await intake.read(engine, source, options))
  }
  const waitsFor = await firstWaiting(engine, project, inputs.groups, published)
  const read = waitsFor === undefined ? inputs.groups : []
  const upstream = await Promise.all(read.map((name) => openGroup(project.store, name)))
  const digest = digestOf({
    format: 3,
    transform: inputs.tree,
    contract: canonicalJson(promiseOf(contractOf(group))),
    onInvalid: group.onInvalid,
    onMissing: group.onMissing,
    incremental: group.incremental,
    sources: sources.map(({ source, digest: content }) => [declaredForm(source), content]),
    upstream: upstream.map((view) => view.reference),
  })
  return { inputs, sources, upstream, digest, waitsFor }
}

/** Nothing was pushed yet to the group or to one that it reads, so that there is nothing to compute. */
export function isWaiting({ waitsFor, sources }: GroupInput): boolean {
  return waitsFor !== undefined || sources.some(({ digest }) => digest === undefined)
}

/** The first of these groups without a commit that reads a push source, itself or through others: a run of it would wait as well. */
async function firstWaiting(
  engine: Engine,
  project: Project,
  names: readonly string[],
  published: readonly string[],
): Promise<string | undefined> {
  for (const name of names) {
    const group = project.groups.get(name)
    if (group === undefined || (await isCommitted(project, name))) continue
    const { sources, groups } = await findInputs(engine, project, group, published)
    if (sources.some((source) => project.sources.get(source)?.type === 'push')) return name
    if ((await firstWaiting(engine, project, groups, published)) !== undefined) return name
  }
  return undefined
}

async function isCommitted(project: Project, group: string): Promise<boolean> {
  const latest = await latestContract(project.store, group)
  return latest !== undefined && (await readSnapshot(tablePath(project.store, group, latest.version))) !== undefined
}

/** What the project file says of the form of a source's rows. Where they come from does not matter, and may be secret. */
export function declaredForm(source: Source): object {
  const { name, type, types, timeZone } = source
  if (!('nulls' in source)) return { name, type, types, timeZone }
  const { nulls, delimiter, encoding } = source
  return { name, type, types, timeZone, nulls, delimiter, encoding }
}
