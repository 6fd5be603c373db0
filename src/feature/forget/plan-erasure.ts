import { counted, FtiError } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import { listSyncStates, openOnlineReader, type SyncedGroup } from '../../online/index.ts'
import type { Project } from '../../project/index.ts'
import {
  type HoldingDataset,
  type HoldingTable,
  heldInDataset,
  listDatasetModels,
  listDatasets,
  storeErrors,
  tablesHolding,
  tablesKeyedOtherwise,
} from '../../store/index.ts'
import type { ForgetScope } from './forget-scope.ts'
import type { VersionTouched } from './versions-touched.ts'

/** Where store and online store hold an entity. */
export interface Erasure {
  readonly tables: readonly HoldingTable[]
  readonly datasets: readonly HoldingDataset[]
  readonly online: readonly HeldOnline[]
  /** Model versions that cannot be made again afterwards. */
  readonly breaks: readonly { readonly version: string; readonly because: readonly string[] }[]
  /** What names the entity and stays. */
  readonly stays: readonly { readonly place: string; readonly because: string }[]
}

export interface HeldOnline {
  readonly group: string
  readonly contractVersion: number
  /** Whether the values that are served now are among what is held. */
  readonly isServed: boolean
}

/** Finds all that there is of an entity; changes nothing. */
export async function planErasure(
  engine: Engine,
  project: Pick<Project, 'store' | 'online'>,
  scope: ForgetScope,
  versions: readonly VersionTouched[],
  signal?: AbortSignal,
): Promise<Erasure> {
  const { groups, entity } = scope
  const tables = await tablesHolding(engine, project.store, { groups, entity, naming: 'key' }, signal)
  const datasets = await datasetsHolding(engine, project.store, scope)
  const others = await tablesHolding(engine, project.store, { groups: scope.others, entity, naming: 'feature' }, signal)
  const otherwise = await tablesKeyedOtherwise(project.store, groups, entity)
  const named = versions.filter(({ naming }) => naming.length > 0)
  return {
    tables,
    datasets,
    online: await heldOnline(project, scope),
    breaks: versions.flatMap((version) => {
      const because = reasons(version, tables, datasets)
      return because.length === 0 ? [] : [{ version: version.version, because }]
    }),
    stays: [
      ...otherwise.map(({ group, name, key }) => ({
        place: `${group} ${name}`,
        because: `its key is ${key.join(', ')}: to forget there too, run: fti feature forget ${group} ${key.map((column) => `--key ${column}=…`).join(' ')}`,
      })),
      ...others
        // The quarantine of a group that other versions are erased from is erased from as a whole.
        .filter(({ group, name, rows }) => rows > 0 && !(name === 'quarantine' && groups.includes(group)))
        .map(({ group, name, rows }) => ({
          place: `${group} ${name}`,
          because: `${rows} rows of other entities name it as a feature; forget those, or drop the feature`,
        })),
      ...named.map(({ version, naming }) => ({
        place: version,
        because: `a registered version never changes: ${naming.join(', ')} may name it`,
      })),
    ],
  }
}

function reasons(
  { model, lineage }: VersionTouched,
  tables: readonly HoldingTable[],
  datasets: readonly HoldingDataset[],
): string[] {
  const lost = datasets.filter(({ dataset }) => dataset.model === model && dataset.id === lineage.dataset.id)
  const unreadable = lineage.snapshots.filter(({ group, contractVersion, snapshot }) =>
    tables.some((table) => table.group === group && table.name === `v${contractVersion}` && table.isNeededBy(snapshot)),
  )
  return [
    ...lost.map(({ dataset, rows }) => `its training dataset ${dataset.id} loses ${counted(rows, 'row')}`),
    ...unreadable.map(({ group, snapshot }) => `${group}@${snapshot}, which it was made from, cannot be read any more`),
  ]
}

async function datasetsHolding(engine: Engine, root: string, scope: ForgetScope): Promise<HoldingDataset[]> {
  const holding: HoldingDataset[] = []
  const groups = new Set(scope.groups)
  for (const model of await listDatasetModels(root)) {
    for (const entry of await listDatasets(root, model)) {
      if ('corrupt' in entry) throw unknownContents(root, model, entry.id, entry.corrupt)
      const held = await heldInDataset(engine, entry.dataset, groups, scope.entity)
      if (held !== undefined) holding.push(held)
    }
  }
  return holding
}

/** Who cannot say what a dataset holds cannot say that it is forgotten. */
function unknownContents(root: string, model: string, id: string, problem: string): FtiError {
  return new FtiError(storeErrors.FTI_DATASET_CORRUPT, {
    message: `${problem}, so nobody can say whether it holds the entity`,
    place: `${root}/_training/${model}/${id}`,
    remedy: `delete the folder and run the command again: ${root}/_training/${model}/${id}`,
  })
}

async function heldOnline({ online }: Pick<Project, 'online'>, scope: ForgetScope): Promise<HeldOnline[]> {
  const isAbout = ({ group, state }: SyncedGroup) =>
    scope.groups.includes(group) && scope.entity.every(({ name }) => state.keys.includes(name))
  const synced = (await listSyncStates(online)).filter(isAbout)
  if (synced.length === 0) return []
  const parts = new Map(scope.entity.map(({ name, value }) => [name, value]))
  const reader = await openOnlineReader(online)
  try {
    const wants = synced.map(({ group, contractVersion, state }) => ({
      ...{ group, contractVersion },
      // A key of more columns than these cannot be looked up by them.
      keys: state.keys.length === parts.size ? [state.keys.map((name) => parts.get(name) ?? null)] : [],
    }))
    const values = await reader.fetch(() => wants)
    return wants.map(({ group, contractVersion, keys }) => ({
      ...{ group, contractVersion },
      isServed: keys.some((key) => values.get(group, contractVersion, key) !== undefined),
    }))
  } finally {
    await reader.close()
  }
}
