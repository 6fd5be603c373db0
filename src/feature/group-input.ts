import { canonicalJson, digestOf } from '../base/index.ts'
import { contractOf, type FeatureGroup } from '../contract/index.ts'
import type { Engine } from '../engine/index.ts'
import type { Project } from '../project/index.ts'
import { type GroupView, listGroups, openGroup } from '../store/index.ts'
import { findInputs, type GroupInputs } from './inputs.ts'
import { type HashedFiles, readSourceFiles, type SourceFiles } from './source-files.ts'

/** Everything that decides what a run of a group will give; equal digests give equal rows. */
export interface GroupInput {
  readonly inputs: GroupInputs
  readonly sources: readonly SourceFiles[]
  readonly upstream: readonly GroupView[]
  readonly digest: string
}

/** Reads the SQL, the fingerprints of the sources that it names, and the snapshots of the groups. */
export async function gatherInput(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  hashed: HashedFiles,
): Promise<GroupInput> {
  const inputs = await findInputs(engine, project, group, await listGroups(project.store))
  const sources: SourceFiles[] = []
  for (const name of inputs.sources) {
    const source = project.sources.get(name)
    if (source) sources.push(await readSourceFiles(engine, project, source, hashed))
  }
  const upstream = await Promise.all(inputs.groups.map((name) => openGroup(project.store, name)))
  const digest = digestOf({
    format: 2,
    transform: inputs.tree,
    contract: canonicalJson(contractOf(group)),
    onInvalid: group.onInvalid,
    sources: sources.map(({ source: { path: _path, ...declared }, digest: files }) => [declared, files]),
    upstream: upstream.map((view) => view.reference),
  })
  return { inputs, sources, upstream, digest }
}
