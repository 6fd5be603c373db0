import { canonicalJson, digestOf } from '../base/index.ts'
import { contractOf, type FeatureGroup } from '../contract/index.ts'
import type { Engine } from '../engine/index.ts'
import type { Project } from '../project/index.ts'
import { defineGroupViews, type GroupView, listGroups, openGroup } from '../store/index.ts'
import { findInputs, type GroupInputs } from './inputs.ts'
import { readSourceFiles, type SourceFiles } from './source.ts'

/** Everything that decides what a run of a group will give; equal digests give equal rows. */
export interface GroupInput {
  readonly inputs: GroupInputs
  readonly sources: readonly SourceFiles[]
  readonly upstream: readonly GroupView[]
  readonly digest: string
}

/** Reads sources' fingerprints, the SQL and the snapshots of the groups it reads, and makes those groups readable. */
export async function gatherInput(engine: Engine, project: Project, group: FeatureGroup): Promise<GroupInput> {
  const inputs = await findInputs(engine, project, group, await listGroups(project.store))
  const sources = await Promise.all(inputs.sources.map((name) => readSource(engine, project, name)))
  const upstream = await Promise.all(inputs.groups.map((name) => openGroup(project.store, name)))
  for (const view of upstream) await defineGroupViews(engine, view)
  const digest = digestOf({
    format: 1,
    transform: inputs.tree,
    contract: canonicalJson(contractOf(group)),
    onInvalid: group.onInvalid,
    sources: sources.map(({ source, digest: files }) => [source, files]),
    upstream: upstream.map((view) => view.reference),
  })
  return { inputs, sources, upstream, digest }
}

async function readSource(engine: Engine, project: Project, name: string): Promise<SourceFiles> {
  const source = project.sources.get(name)
  if (source === undefined) throw new Error(`source ${name} was resolved but is gone`)
  return readSourceFiles(engine, source)
}
