import { link, readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  openStaging,
  removeDeadStaging,
  replaceFile,
  sha256File,
  storageError,
  syncDirectory,
  syncFile,
  withCleanUp,
} from '../../base/index.ts'
import type { Signature } from '../../contract/index.ts'
import { type Engine, quoteFile, quoteName } from '../../engine/index.ts'
import type { DatasetFile, DatasetManifest, TrainingDataset } from '../dataset/dataset-manifest.ts'
import { manifestDigest } from '../dataset/read-dataset.ts'
import { type DatasetPart, datasetParts } from '../dataset/split-by-time.ts'
import { type EntityToForget, isAbout } from './entity-to-forget.ts'
import type { ForgetWork } from './forget-in-table.ts'

/** What a training dataset holds of an entity. */
export interface HoldingDataset {
  readonly dataset: TrainingDataset
  /** SQL condition of its rows. */
  readonly condition: string
  readonly rows: number
  /** Files that hold them; one that its manifest does not name is what an erasure that was killed has left. */
  readonly files: readonly string[]
}

/** Looks for the entity in the columns by which these groups were joined, and in columns of its key's names. */
export async function heldInDataset(
  engine: Engine,
  dataset: TrainingDataset,
  groups: ReadonlySet<string>,
  entity: EntityToForget,
): Promise<HoldingDataset | undefined> {
  const condition = conditionFor(dataset, groups, entity)
  if (condition === undefined) return undefined
  const paths = (await readdir(dataset.directory)).filter((name) => name.endsWith('.parquet')).sort()
  const named = new Set(Object.values(dataset.paths).map((path) => basename(path)))
  const files: string[] = []
  let rows = 0
  for (const name of paths) {
    const [found] = await engine.rows<{ rows: number }>(
      `SELECT count(*) AS rows FROM read_parquet(${quoteFile(join(dataset.directory, name))}) WHERE ${condition}`,
    )
    if (!found || found.rows === 0) continue
    files.push(name)
    if (named.has(name)) rows += found.rows
  }
  return files.length === 0 ? undefined : { dataset, condition, rows, files }
}

function conditionFor(
  { columns, inputs }: TrainingDataset,
  groups: ReadonlySet<string>,
  entity: EntityToForget,
): string | undefined {
  const present = new Set(columns.map(({ name }) => name))
  const signature = inputs['signature'] as Partial<Signature> | undefined
  const joined = (signature?.groups ?? []).filter(({ group }) => groups.has(group)).map(({ on }) => on ?? {})
  const ways = [{}, ...joined].map((on: Readonly<Record<string, string>>) => (key: string) => on[key] ?? key)
  const possible = ways.filter((columnOf) => entity.every(({ name }) => present.has(columnOf(name))))
  const conditions = new Set(possible.map((columnOf) => isAbout(entity, columnOf)))
  return conditions.size === 0 ? undefined : `(${[...conditions].join(' OR ')})`
}

/**
 * Erases rows from a training dataset. New files get names of their own and the manifest decides, so that a reader finds the
 * dataset whole before and after; then the old files go, and whatever an erasure that was killed has left.
 */
export async function forgetInDataset(
  { dataset, condition, rows }: HoldingDataset,
  { engine, now, signal }: Pick<ForgetWork, 'engine' | 'now' | 'signal'>,
): Promise<void> {
  const { directory } = dataset
  await removeDeadStaging(directory)
  const staging = await openStaging(directory)
  const erase = async () => {
    const files = { ...dataset.files }
    for (const part of rows === 0 ? [] : datasetParts) {
      // The order is part of the dataset.
      const select = `SELECT ${dataset.columns.map(({ name }) => quoteName(name)).join(', ')}
        FROM read_parquet(${quoteFile(dataset.paths[part])}) WHERE ${condition} IS NOT TRUE`
      const name = `${part}-${basename(staging.path).replace('.staging-', '')}.parquet`
      const staged = join(staging.path, name)
      const written = await engine.writeParquet(select, staged, { signal })
      await syncFile(staged)
      await link(staged, join(directory, name)).catch((error: unknown) => {
        throw storageError(error, directory)
      })
      files[part] = { name, sha256: await sha256File(staged), bytes: written.bytes, rows: written.rows }
    }
    await syncDirectory(directory)
    if (rows > 0) await replaceManifest(dataset, files, { rows, at: now.toISOString() })
    await removeOthers(directory, files)
  }
  await withCleanUp(erase, () => staging.discard())
}

async function replaceManifest(
  dataset: TrainingDataset,
  files: Record<DatasetPart, DatasetFile>,
  erased: { readonly rows: number; readonly at: string },
): Promise<void> {
  const { directory, rows: _, paths: __, ...before } = dataset
  const forgotten = { rows: (before.forgotten?.rows ?? 0) + erased.rows, at: erased.at }
  const manifest: DatasetManifest = { ...before, files, forgotten }
  const text = JSON.stringify({ ...manifest, digest: manifestDigest(manifest) }, null, 2)
  await replaceFile(join(directory, 'manifest.json'), `${text}\n`)
}

async function removeOthers(directory: string, files: Record<DatasetPart, DatasetFile>): Promise<void> {
  const named = new Set(datasetParts.map((part) => files[part].name ?? `${part}.parquet`))
  for (const name of await readdir(directory)) {
    if (name.endsWith('.parquet') && !named.has(name)) await rm(join(directory, name), { force: true })
  }
  await syncDirectory(directory)
}
