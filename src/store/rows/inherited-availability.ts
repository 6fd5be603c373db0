import { canonicalJson } from '../../base/index.ts'
import { type Contract, systemColumns } from '../../contract/index.ts'
import { quoteName } from '../../engine/index.ts'
import { type PublishedContract, readContracts } from '../contracts.ts'
import { checkDataFiles } from '../delta/data-files.ts'
import { readSnapshot, type Snapshot } from '../delta/snapshot.ts'
import { tablePath } from '../table-path.ts'
import { newestRows } from './relation.ts'

/**
 * SELECT of since when the table of the contract version before had its values: entity key, event time, and `_inherited_available_at`.
 * The first load of a new version is made from sources that have corrections and late rows already, and must not make them
 * look known earlier than they were. Undefined where there is no such table, or its rows have another key.
 */
export async function inheritedAvailability(
  root: string,
  published: PublishedContract,
): Promise<{ readonly select: string; readonly snapshot: Snapshot } | undefined> {
  const previous = await tableBefore(root, published)
  if (previous === undefined || !haveSameKey(previous.contract, published.contract)) return undefined
  await checkDataFiles(previous.snapshot)
  const { entity, eventTime } = published.contract
  const times =
    eventTime === undefined ? [] : [`${quoteName(previous.contract.eventTime ?? '')} AS ${quoteName(eventTime)}`]
  const columns = [
    ...Object.keys(entity.key).map(quoteName),
    ...times,
    `${systemColumns.availableAt} AS _inherited_available_at`,
  ]
  const rows = newestRows(previous.snapshot, previous.contract)
  const held = onlyHeldBack(previous.contract, published.contract)
  return { select: `SELECT ${columns.join(', ')} FROM (${rows})${held}`, snapshot: previous.snapshot }
}

/** Where the owner declares another availability, that counts; but what waited for its commit still did. */
function onlyHeldBack(before: Contract, now: Contract): string {
  if (canonicalJson(before.availability ?? null) === canonicalJson(now.availability ?? null)) return ''
  return ` WHERE ${systemColumns.availableAt} = ${systemColumns.committedAt}`
}

/** The newest table of an older contract version, with the contract that it was last written under. */
export async function tableBefore(
  root: string,
  { version, contract: { group } }: PublishedContract,
): Promise<{ contract: Contract; snapshot: Snapshot } | undefined> {
  const older = (await readContracts(root, group)).filter((published) => published.version < version)
  for (const { contract, version: number } of older.toReversed()) {
    const snapshot = await readSnapshot(tablePath(root, group, number))
    if (snapshot !== undefined) return { contract, snapshot }
  }
  return undefined
}

/** An event time may have another name; a key may not, for it would be another thing that the rows are about. */
function haveSameKey(a: Contract, b: Contract): boolean {
  const key = ({ entity, eventTime }: Contract) => canonicalJson([entity.key, eventTime === undefined])
  return key(a) === key(b)
}
