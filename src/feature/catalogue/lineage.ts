import { FtiError } from '../../base/index.ts'
import type { Project } from '../../project/index.ts'
import { listGroups } from '../../store/index.ts'
import { openProjectEngine } from '../project-engine.ts'
import { listReaders, type Reader } from '../readers.ts'
import { findInputs } from '../transforms/inputs.ts'

/** What a group is made from, and what is made from it. */
export interface GroupLineage {
  /** Null for a group of another repository, or whose SQL cannot be understood: what it reads is not known here. */
  readonly sources: readonly string[] | null
  readonly groups: readonly string[] | null
  /** Groups of this project whose SQL reads it. */
  readonly readByGroups: readonly string[]
  /** Models of this project that pick its features, or take their label from it. */
  readonly readByModels: readonly string[]
  /** Tagged model versions that read it. */
  readonly readByVersions: readonly Reader[]
}

/** Of a group that neither the project nor the store knows. */
export const noLineage: GroupLineage = {
  sources: null,
  groups: null,
  readByGroups: [],
  readByModels: [],
  readByVersions: [],
}

/** Lineage of every group of the project and of the store, from SQL, the project file, and the signatures of tagged versions. */
export async function readLineage(project: Project): Promise<ReadonlyMap<string, GroupLineage>> {
  const published = await listGroups(project.store)
  const inputs = await readInputs(project, published)
  const readers = await listReaders(project.registry)
  const names = new Set([...project.groups.keys(), ...published])
  return new Map(
    [...names].map((name) => [
      name,
      {
        sources: inputs.get(name)?.sources ?? null,
        groups: inputs.get(name)?.groups ?? null,
        readByGroups: [...inputs].filter(([, { groups }]) => groups.includes(name)).map(([group]) => group),
        readByModels: modelsThatRead(project, name),
        readByVersions: readers.filter(({ group }) => group === name),
      },
    ]),
  )
}

function modelsThatRead({ models }: Project, group: string): string[] {
  return [...models.values()]
    .filter(({ features, label }) => label.group === group || features.some((selection) => selection.group === group))
    .map(({ name }) => name)
}

type Inputs = Readonly<Record<'sources' | 'groups', readonly string[]>>

async function readInputs(project: Project, published: readonly string[]): Promise<Map<string, Inputs>> {
  const inputs = new Map<string, Inputs>()
  const engine = await openProjectEngine(project)
  try {
    for (const group of project.groups.values()) {
      try {
        inputs.set(group.name, await findInputs(engine, project, group, published))
      } catch (error) {
        // `fti check` says what is wrong with it; here it hides no other group.
        if (!(error instanceof FtiError)) throw error
      }
    }
  } finally {
    await engine.close()
  }
  return inputs
}
