import { canonicalJson } from '../../base/index.ts'
import { type Contract, systemColumns } from '../../contract/index.ts'
import { quoteName, quoteTime } from '../../engine/index.ts'
import { type PublishedContract, readContracts } from '../contracts.ts'
import { checkDataFiles } from '../delta/data-files.ts'
import { readSnapshot, type Snapshot } from '../delta/snapshot.ts'
import { tablePath } from '../table-path.ts'
import { newestRows } from './relation.ts'
import { latestTime } from './table-tail.ts'

/** First and last event time, ISO 8601. */
export interface EventSpan {
  readonly first: string
  readonly last: string
}

export interface InheritedTimes {
  /** SELECT of entity key, event time, and `_inherited_available_at`. */
  readonly select: string
  readonly snapshot: Snapshot
}

/**
 * Since when the table of the contract version before had its values. What a new version takes up comes from sources that have
 * corrections and late rows already, and must not look known earlier than it was. Undefined where there is no such table, its rows
 * have another key, or it ends before the rows in question, whose span is given where they have an event time.
 */
export async function inheritedAvailability(
  root: string,
  published: PublishedContract,
  span?: EventSpan,
): Promise<InheritedTimes | undefined> {
  const previous = await tableBefore(root, published)
  if (previous === undefined || !haveSameKey(previous.contract, published.contract)) return undefined
  // The version before may be long out of use: a commit that needs nothing of it does not ask for its files.
  if (span !== undefined && endsBefore(previous.snapshot, span)) return undefined
  await checkDataFiles(previous.snapshot)
  const { entity, eventTime } = published.contract
  const formerTime = quoteName(previous.contract.eventTime ?? '')
  const columns = [
    ...Object.keys(entity.key).map(quoteName),
    ...(eventTime === undefined ? [] : [`${formerTime} AS ${quoteName(eventTime)}`]),
    `${systemColumns.availableAt} AS _inherited_available_at`,
  ]
  const conditions = [
    ...onlyHeldBack(previous.contract, published.contract),
    ...(span === undefined ? [] : [`${formerTime} BETWEEN ${quoteTime(span.first)} AND ${quoteTime(span.last)}`]),
    'true',
  ]
  const rows = newestRows(previous.snapshot, previous.contract)
  const select = `SELECT ${columns.join(', ')} FROM (${rows}) WHERE ${conditions.join(' AND ')}`
  return { select, snapshot: previous.snapshot }
}

function endsBefore({ mark }: Snapshot, { first }: EventSpan): boolean {
  const last = mark?.highWaterMark
  return typeof last === 'string' && latestTime(last, first) !== last
}

/** Where the owner declares another availability, that counts; but what waited for its commit still did. */
function onlyHeldBack(before: Contract, now: Contract): string[] {
  if (canonicalJson(before.availability ?? null) === canonicalJson(now.availability ?? null)) return []
  return [`${systemColumns.availableAt} = ${systemColumns.committedAt}`]
}

export interface FormerTable {
  readonly contract: Contract
  readonly snapshot: Snapshot
}

/** The newest table of an older contract version, with the contract that it was last written under. */
export async function tableBefore(
  root: string,
  { version, contract: { group } }: PublishedContract,
): Promise<FormerTable | undefined> {
  if (version === 1) return undefined
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
