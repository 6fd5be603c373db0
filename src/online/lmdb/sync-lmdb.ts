import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  openStaging,
  removeDeadStaging,
  type Staging,
  storageError,
  throwIfCancelled,
  withCleanUp,
} from '../../base/index.ts'
import type { EmbeddedLocation } from '../../contract/index.ts'
import { encodeKey } from '../key.ts'
import { checkRow, type OnlineRow, type SyncRequest, stateAfter } from '../sync-request.ts'
import type { SyncState } from '../sync-state.ts'
import type { StoredValue } from '../value.ts'
import { createEnvironment, type Environment, finishedData, unusable } from './environment.ts'
import { type NamespaceRecord, namespaceNumbers, namespacesPath, readableNamespace, recordFile } from './namespace.ts'

/**
 * Writes all values into a namespace of its own, out of sight, which then appears whole and durable under the next number.
 */
export async function syncLmdb(location: EmbeddedLocation, request: SyncRequest): Promise<SyncState> {
  const beganAt = new Date().toISOString()
  const folder = namespacesPath(location, request.group, request.contractVersion)
  const staging = await openStaging(folder)
  const sync = async () => {
    await removeDeadStaging(folder)
    const rows = await writeValues(staging, request)
    const record = await writeRecord(staging, request, rows, beganAt)
    const state = await appear(staging, folder, record)
    await dropOld(folder)
    return state
  }
  return withCleanUp(sync, () => staging.discard())
}

async function writeValues(staging: Staging, request: SyncRequest): Promise<number> {
  const environment = await createEnvironment(staging.path)
  const write = () =>
    writeRows(environment, request).catch((error: unknown) => {
      throw unusable(error, staging.path)
    })
  return withCleanUp(write, () => environment.close())
}

/** Committed at once and not flushed: the folder is synced as a whole before it appears. */
const unflushed = 0x2 | 0x10000
const rowsPerTransaction = 10_000

async function writeRows(environment: Environment, request: SyncRequest): Promise<number> {
  let rows = 0
  for await (const batch of request.rows) {
    for (let start = 0; start < batch.length; start += rowsPerTransaction) {
      throwIfCancelled(request.signal)
      const end = Math.min(batch.length, start + rowsPerTransaction)
      environment.transactionSync(() => {
        for (let i = start; i < end; i++) rows += writeRow(environment, request, batch[i])
      }, unflushed)
      // Lets others in this process go on between transactions.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  throwIfCancelled(request.signal)
  return rows
}

function writeRow(environment: Environment, request: SyncRequest, row: OnlineRow | undefined): number {
  const { key: parts, values, eventTimeMs, availableAtMs } = checkRow(request, row)
  const key = encodeKey(parts)
  if (key === undefined) return 0
  const stored: StoredValue = [values, eventTimeMs, availableAtMs]
  environment.putSync(key, stored)
  return 1
}

async function writeRecord(
  staging: Staging,
  request: SyncRequest,
  rows: number,
  beganAt: string,
): Promise<NamespaceRecord> {
  const state = stateAfter(request, rows)
  const record: NamespaceRecord = { format: 1, beganAt, ...finishedData(staging.path), state }
  const path = join(staging.path, recordFile)
  await writeFile(path, `${JSON.stringify(record, null, 2)}\n`).catch((error: unknown) => {
    throw storageError(error, path)
  })
  return record
}

/** Claims the next number; when another sync takes it first, looks again at who is the newer. */
async function appear(staging: Staging, folder: string, record: NamespaceRecord): Promise<SyncState> {
  for (;;) {
    const next = (namespaceNumbers(folder).at(-1) ?? 0) + 1
    const newest = readableNamespace(folder)
    if (newest && beganLater(newest.record, record)) return newest.record.state
    if (await staging.publish(join(folder, String(next)))) return record.state
  }
}

/** A sync that claims to have begun after this moment was stamped by a clock that ran ahead: it must not win until then. */
function beganLater(other: NamespaceRecord, mine: NamespaceRecord): boolean {
  return other.beganAt > mine.beganAt && other.beganAt <= new Date().toISOString()
}

/** Keeps the newest and the one before it, which a reader may be opening; what is open already stays readable. */
async function dropOld(folder: string): Promise<void> {
  for (const number of namespaceNumbers(folder).slice(0, -2)) {
    await rm(join(folder, String(number)), { recursive: true, force: true })
  }
}
