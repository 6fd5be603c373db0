import { FtiError, throwIfCancelled } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import { listDatasets, readDataset } from '../dataset/read-dataset.ts'
import { readSnapshot } from '../delta/snapshot.ts'
import { type StoreWork, withEngine } from './optimize-store.ts'
import { findingOf, type StoreFinding } from './store-finding.ts'
import { type StoreTable, storeTables } from './store-tables.ts'
import { modelsWithDatasets } from './vacuum-store.ts'
import { verifyFiles } from './verify-files.ts'
import { verifyLog } from './verify-log.ts'
import { verifyRows } from './verify-rows.ts'

export interface Verified {
  readonly tables: number
  readonly datasets: number
  readonly findings: readonly StoreFinding[]
}

/**
 * Reads the tables of these groups again, to the last page: log, files, rows; without groups the training datasets too. Finds
 * all there is to find, stops at nothing and changes nothing. Errors: FTI_GROUP_NEVER_RUN, FTI_INTERRUPTED.
 */
export async function verifyStore(work: StoreWork): Promise<Verified> {
  const tables = await storeTables(work.root, work.groups)
  const findings = await withEngine(work, async (engine) => {
    const found: StoreFinding[] = []
    for (const table of tables) found.push(...(await verifyTable(engine, table, work.signal)))
    return found
  })
  const { datasets, damaged } =
    work.groups.length === 0 ? await verifyDatasets(work) : { datasets: 0, damaged: [] as StoreFinding[] }
  return { tables: tables.length, datasets, findings: [...findings, ...damaged] }
}

async function verifyTable(
  engine: Engine,
  { path, contract }: StoreTable,
  signal: AbortSignal | undefined,
): Promise<StoreFinding[]> {
  const log = await verifyLog(path, signal)
  try {
    const snapshot = await readSnapshot(path)
    if (snapshot === undefined) return log
    const files = await verifyFiles(engine, snapshot, signal)
    if (files.length > 0 || contract === undefined) return [...log, ...files]
    return [...log, ...(await verifyRows(engine, snapshot, contract, signal))]
  } catch (error) {
    throwIfCancelled(signal)
    if (!(error instanceof FtiError)) throw error
    const finding = findingOf(error, path)
    return log.some(({ place }) => place === finding.place) ? log : [...log, finding]
  }
}

async function verifyDatasets({ root, signal }: StoreWork): Promise<{ datasets: number; damaged: StoreFinding[] }> {
  const damaged: StoreFinding[] = []
  let datasets = 0
  for (const model of await modelsWithDatasets(root)) {
    for (const entry of await listDatasets(root, model)) {
      throwIfCancelled(signal)
      datasets++
      await readDataset(root, model, entry.id).catch((error: unknown) => {
        if (!(error instanceof FtiError)) throw error
        damaged.push(findingOf(error, root))
      })
    }
  }
  return { datasets, damaged }
}
