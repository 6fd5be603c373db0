import { digestOf } from '../../base/index.ts'
import { type CompatTransform, type FeatureGroup, systemColumns } from '../../contract/index.ts'
import { type Engine, inFrom, quoteName, quoteText } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import {
  commitRows,
  defineGroupViews,
  type GroupView,
  openGroup,
  type PublishedContract,
  readContracts,
  readSnapshot,
  tablePath,
} from '../../store/index.ts'
import { validateRows } from '../contract/validate.ts'
import { openProjectEngine } from '../project-engine.ts'
import { declaredAvailability } from '../transforms/availability.ts'
import { checkedTable } from '../transforms/inputs.ts'
import { outputTable } from '../transforms/transform.ts'
import { type Deletions, takeDeletions } from './deletions.ts'
import { checkOlderSchema, markedSelect, olderGroup } from './older-group.ts'
import { readCompat } from './read-compat.ts'

/** What an older contract version got from the newest one. Counts are rows. */
export interface CompatFeed {
  readonly contractVersion: number
  readonly status: 'committed' | 'nothing to do'
  readonly appended: number
  /** Break the older contract, so its readers get nothing for them; deletions that it has no row for are counted too. */
  readonly refused: number
  readonly snapshot: number
}

export interface FeedOptions {
  readonly project: Project
  readonly group: FeatureGroup
  readonly runId: string
  readonly clock: () => Date
  readonly command: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Feeds the older contract versions of a group that the project file has `compat` SQL for, so that models pinned to them do not
 * starve while they serve. A version without a table has never had rows, or is retired.
 */
export async function feedOlderVersions(options: FeedOptions): Promise<CompatFeed[]> {
  const { project, group } = options
  const feeds: CompatFeed[] = []
  if (!group.compat?.length) return feeds
  const contracts = await readContracts(project.store, group.name)
  for (const compat of group.compat) {
    const older = contracts.findLast(({ version }) => version === compat.contractVersion)
    if (older === undefined || older.version === contracts.at(-1)?.version) continue
    const snapshot = await readSnapshot(tablePath(project.store, group.name, older.version))
    if (snapshot === undefined) continue
    const engine = await openProjectEngine(project)
    try {
      feeds.push(await feed(engine, options, compat, older, snapshot.mark?.inputDigest))
    } finally {
      await engine.close()
    }
  }
  return feeds
}

async function feed(
  engine: Engine,
  { project, group, runId, clock, command, signal }: FeedOptions,
  compat: CompatTransform,
  older: PublishedContract,
  lastDigest: string | undefined,
): Promise<CompatFeed> {
  const { select, place } = await readCompat(engine, project, group.name, compat)
  const newest = await openGroup(project.store, group.name)
  const inputDigest = digestOf({ format: 2, compat: select.tree, of: newest.reference })
  const before = await openGroup(project.store, group.name, { contractVersion: older.version })
  const nothing = { contractVersion: older.version, appended: 0, refused: 0, snapshot: before.reference.snapshot }
  if (lastDigest === inputDigest) return { ...nothing, status: 'nothing to do' }
  await defineGroupViews(engine, newest)
  const asDeclared = olderGroup(group, compat, older.contract)
  await engine.execute(`CREATE TABLE ${outputTable} AS ${await markedSelect(engine, asDeclared, select.text)}`, signal)
  const output = `SELECT * FROM ${outputTable}`
  const { version } = older
  const items = await checkOlderSchema(engine, project, asDeclared, { select: output, version, place })
  await engine.execute(`CREATE VIEW ${checkedTable} AS SELECT ${items} FROM ${outputTable}`)
  const now = clock()
  const { accepted, refusedRows } = await validateRows(engine, asDeclared, checkedTable, now, place)
  const deletions = await takeDeletions(engine, asDeclared, accepted, { older: before, newest }, now)
  const { committed, appended, snapshot } = await commitRows({
    engine,
    root: project.store,
    contract: older,
    candidate: candidateOf(asDeclared, withRows(deletions), newest, now),
    inputDigest,
    runId,
    clock,
    command,
    signal,
  })
  return {
    contractVersion: older.version,
    status: committed ? 'committed' : 'nothing to do',
    appended,
    refused: refusedRows + deletions.refused,
    snapshot,
  }
}

function withRows({ values, rows }: Deletions): string {
  return rows === undefined ? values : `(FROM ${inFrom(values)} UNION ALL BY NAME FROM ${rows})`
}

/** A row is known no earlier than the newest version knew it; one that has no like there is known from now on. */
function candidateOf(older: FeatureGroup, accepted: string, newest: GroupView, now: Date): string {
  const declared = declaredAvailability(older)
  if (older.isStatic) return `(SELECT *, ${declared} AS _declared_available_at FROM ${inFrom(accepted)})`
  const { contract } = newest.published
  const keys = Object.keys(older.entity.key)
  const moment = `TIMESTAMPTZ ${quoteText(now.toISOString())}`
  const sameKey = keys.every((key) => contract.entity.key[key] !== undefined) && contract.eventTime !== undefined
  if (!sameKey || older.eventTime === undefined || contract.eventTime === undefined)
    return `(SELECT *, greatest(${declared}, ${moment}) AS _declared_available_at FROM ${inFrom(accepted)})`
  const on = [...keys.map((key) => [key, key] as const), [older.eventTime, contract.eventTime] as const]
    .map(([mine, theirs]) => `given.${quoteName(mine)} = known.${quoteName(theirs)}`)
    .join(' AND ')
  const identity = [...keys, contract.eventTime].map(quoteName).join(', ')
  const known = `SELECT ${identity}, max(${systemColumns.availableAt}) AS _known_at FROM (${newest.raw}) GROUP BY ${identity}`
  return `(SELECT given.*, greatest(given._declared, coalesce(known._known_at, ${moment})) AS _declared_available_at
    FROM (SELECT *, ${declared} AS _declared FROM ${inFrom(accepted)}) given LEFT JOIN (${known}) known ON ${on})`
}
