import { lstat } from 'node:fs/promises'
import { relative } from 'node:path'
import { didYouMean, FtiError, isSystemError } from '../../base/index.ts'
import type { ContractSelector } from '../../contract/index.ts'
import { listSyncStates } from '../../online/index.ts'
import type { Project } from '../../project/index.ts'
import { listModels, listVersions, requireRegistry } from '../../registry/index.ts'
import {
  listDatasetModels,
  listDatasets,
  listGroups,
  readContracts,
  readRetirement,
  readSnapshot,
  tablePath,
} from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { describeReader, type Reader, readersOf, signatureOf } from '../readers.ts'

/** What goes with a contract version, and what stands against it. Data, so that it can be shown before it is done. */
export interface RetirementPlan {
  readonly group: string
  readonly contractVersion: number
  /** When it was retired already, and only leftovers go. */
  readonly retiredAt: string | null
  readonly table: {
    readonly path: string
    readonly rows: number
    readonly files: number
    readonly bytes: number
  } | null
  readonly online: { readonly keys: number } | null
  /** Why it may not go; empty when it may. */
  readonly refusals: readonly string[]
  /** Versions without a tag that read it, such as `late_departure@2`: they cannot be promoted or rolled back to any more. */
  readonly lost: readonly string[]
  /** Training datasets made from it, such as `late_departure 1a2b`: they stay, and cannot be made again. */
  readonly datasets: readonly string[]
}

/**
 * Reads store, registry and online store; changes nothing. That a registry in the project's folder was lost its caller must know
 * (`refuseLostRegistry`). Errors: FTI_GROUP_UNKNOWN, FTI_REGISTRY_UNREACHABLE.
 */
export async function planRetirement(project: Project, selector: ContractSelector): Promise<RetirementPlan> {
  const { group, contractVersion } = selector
  const contracts = await readContracts(project.store, group)
  if (!contracts.some(({ version }) => version === contractVersion))
    throw await unknownVersion(project, selector, [...new Set(contracts.map(({ version }) => version))])
  await requireTags(project)
  const path = tablePath(project.store, group, contractVersion)
  const snapshot = await readSnapshot(path)
  const synced = (await listSyncStates(project.online)).find(
    (entry) => entry.group === group && entry.contractVersion === contractVersion,
  )
  const readers = (await readersOf(project.registry, group)).filter(
    (reader) => reader.contractVersion === contractVersion,
  )
  const newest = contracts.at(-1)?.version
  const bytes = snapshot?.files.reduce((sum, file) => sum + file.bytes, 0) ?? 0
  return {
    group,
    contractVersion,
    retiredAt: (await readRetirement(project.store, group, contractVersion))?.retiredAt ?? null,
    table: snapshot
      ? { path: relative(project.directory, path), rows: snapshot.rows, files: snapshot.files.length, bytes }
      : null,
    online: synced ? { keys: synced.state.rows } : null,
    refusals: [...refusals(project, selector, newest, readers), ...(await unfilled(project.store, selector, newest))],
    lost: await untaggedReaders(project.registry, selector, readers),
    datasets: await datasetsOf(project.store, selector),
  }
}

/**
 * Models whose tags cannot be asked may serve all the same. Where a project keeps its registry in its own folder, and that is not
 * there, nothing was registered yet; the registry of others may only be away.
 */
async function requireTags({ registry, directory }: Project): Promise<void> {
  const isAbsent = await lstat(registry).then(
    () => false,
    (error: unknown) => isSystemError(error, 'ENOENT'),
  )
  const isOwn = !relative(directory, registry).startsWith('..')
  if (!isAbsent || !isOwn) await requireRegistry(registry)
}

/** A newer version takes over rows and their availability when it is first filled; until then they are here alone. */
async function unfilled(root: string, { group, contractVersion }: ContractSelector, newest = 0): Promise<string[]> {
  if (contractVersion >= newest || (await readSnapshot(tablePath(root, group, newest)))) return []
  return [
    `v${newest} has no rows yet, and takes them over from the versions before it: run fti feature run ${group} first`,
  ]
}

function refusals(
  project: Project,
  { group, contractVersion }: ContractSelector,
  newest: number | undefined,
  readers: readonly Reader[],
): string[] {
  const found = readers.map((reader) => `${describeReader(reader)} reads it`)
  if (contractVersion === newest) found.push('it is the newest contract version of its group')
  if (project.groups.get(group)?.compat?.some((compat) => compat.contractVersion === contractVersion))
    found.push(
      `featureGroups.${group}.compat.v${contractVersion} still feeds it: remove that from the project file first`,
    )
  for (const { name, features } of project.models.values())
    if (features.some((read) => read.group === group && read.contractVersion === contractVersion))
      found.push(`models.${name} is declared to read it`)
  return found
}

async function untaggedReaders(
  registry: string,
  selector: ContractSelector,
  tagged: readonly Reader[],
): Promise<string[]> {
  const lost: string[] = []
  for (const model of await listModels(registry)) {
    for (const { version } of await listVersions(registry, model)) {
      if (tagged.some((reader) => reader.model === model && reader.version === version)) continue
      const signature = await signatureOf(registry, model, version)
      const reads = signature?.groups.some(
        (read) => read.group === selector.group && read.contractVersion === selector.contractVersion,
      )
      if (reads) lost.push(`${model}@${version}`)
    }
  }
  return lost
}

async function datasetsOf(root: string, { group, contractVersion }: ContractSelector): Promise<string[]> {
  const found: string[] = []
  for (const model of await listDatasetModels(root)) {
    for (const entry of await listDatasets(root, model)) {
      const made = 'dataset' in entry ? entry.dataset.snapshots : []
      if (made.some((read) => read.group === group && read.contractVersion === contractVersion))
        found.push(`${model} ${entry.id}`)
    }
  }
  return found
}

async function unknownVersion(
  project: Project,
  { group, contractVersion }: ContractSelector,
  versions: readonly number[],
): Promise<FtiError> {
  const isKnown = versions.length > 0
  return new FtiError(featureErrors.FTI_GROUP_UNKNOWN, {
    message: isKnown
      ? `${group} has no contract version ${contractVersion}`
      : `the store has no feature group '${group}'`,
    place: project.store,
    remedy: isKnown
      ? `it has ${versions.map((version) => `v${version}`).join(', ')}`
      : didYouMean(group, await listGroups(project.store)),
  })
}
