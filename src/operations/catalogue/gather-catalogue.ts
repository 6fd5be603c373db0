import { FtiError } from '../../base/index.ts'
import { type Contract, contractOf, type Model, type Source } from '../../contract/index.ts'
import { describeGroup, type GroupDescription, type GroupLineage, noLineage, readLineage } from '../../feature/index.ts'
import type { Project } from '../../project/index.ts'
import { listGroups } from '../../store/index.ts'
import { type ListedVersion, listAllVersions } from '../models/list-all-versions.ts'

/** Everything that a catalogue shows, as data. */
export interface Catalogue {
  readonly project: string
  /** ISO 8601. */
  readonly builtAt: string
  readonly sources: readonly { readonly source: Source; readonly readBy: readonly string[] }[]
  readonly groups: readonly CatalogueGroup[]
  readonly models: readonly CatalogueModel[]
}

export interface CatalogueGroup {
  readonly name: string
  /** Null where neither the project nor the store can say it. */
  readonly contract: Contract | null
  readonly lineage: GroupLineage
  /** Null for a group that was never committed or cannot be read. */
  readonly stored: GroupDescription | null
  readonly problem: string | null
}

export interface CatalogueModel {
  readonly model: Model
  readonly versions: readonly ListedVersion[]
}

/** Reads project, store and registry. A group that cannot be read is there with what is wrong with it. */
export async function gatherCatalogue(project: Project, now: Date): Promise<Catalogue> {
  const lineages = await readLineage(project)
  const names = new Set([...project.groups.keys(), ...(await listGroups(project.store))])
  const groups = await Promise.all([...names].map((name) => gatherGroup(project, name, lineages)))
  const versions = await listAllVersions(project)
  return {
    project: project.name,
    builtAt: now.toISOString(),
    sources: [...project.sources.values()].map((source) => ({
      source,
      readBy: groups.filter(({ lineage }) => lineage.sources?.includes(source.name)).map(({ name }) => name),
    })),
    groups,
    models: [...project.models.values()].map((model) => ({
      model,
      versions: versions.filter((version) => version.model === model.name),
    })),
  }
}

async function gatherGroup(
  project: Project,
  name: string,
  lineages: ReadonlyMap<string, GroupLineage>,
): Promise<CatalogueGroup> {
  const lineage = lineages.get(name) ?? noLineage
  const declared = project.groups.get(name)
  try {
    const stored = await describeGroup(project, name, undefined, lineages)
    return { name, contract: declared ? contractOf(declared) : stored.contract, lineage, stored, problem: null }
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    return { name, contract: declared ? contractOf(declared) : null, lineage, stored: null, problem: error.message }
  }
}
