import { FtiError } from '../../base/index.ts'
import type { Contract, FeatureGroup } from '../../contract/index.ts'
import { quoteName } from '../../engine/index.ts'
import { duckdbType, latestRelation, type PublishedContract, readSnapshot, tablePath } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import type { GroupInput } from './group-input.ts'

/** What is pushed is a part of the rows, and some groups must see all. Errors: FTI_GROUP_PARTIAL, before anything is computed. */
export function refusePartial(group: FeatureGroup, { sources }: GroupInput): void {
  const fetched = sources.find(({ source }) => source.type === 'postgres' && source.incremental)?.source.name
  if (fetched !== undefined && group.incremental === undefined) {
    throw new FtiError(featureErrors.FTI_GROUP_PARTIAL, {
      message: `'${group.name}' goes over all rows, and reads '${fetched}', of which only what is new is fetched`,
      place: `sources.${fetched}.incremental`,
      remedy: `declare featureGroups.${group.name}.incremental too, or remove it from the source`,
    })
  }
  const pushed = sources.find(({ source }) => source.type === 'push')?.source.name
  if (pushed === undefined) return
  const place = `featureGroups.${group.name}`
  if (group.onMissing === 'delete') {
    throw new FtiError(featureErrors.FTI_GROUP_PARTIAL, {
      message: `'${group.name}' deletes what is missing, and reads '${pushed}', which is pushed`,
      place: `${place}.onMissing`,
      remedy: `remove onMissing, or read a source that always has all keys`,
    })
  }
  if (group.incremental !== undefined) {
    throw new FtiError(featureErrors.FTI_GROUP_PARTIAL, {
      message: `'${group.name}' computes only what is new, and reads '${pushed}', which is pushed: it would leave out pushed rows that are old`,
      place: `${place}.incremental`,
      remedy: `remove incremental: pushed rows are new anyway`,
    })
  }
  if (group.aggregates === undefined) return
  throw new FtiError(featureErrors.FTI_GROUP_PARTIAL, {
    message: `'${group.name}' has aggregates over windows, and reads '${pushed}', which is pushed: it would count the pushed rows alone`,
    place: `${place}.features`,
    remedy: `push into a group without aggregates, and let '${group.name}' read that group`,
  })
}

/**
 * Adds to the rows to commit, a relation in brackets, a deletion of every key that is stored and that `given` has not. Rows that were
 * refused are given too: that a value is wrong does not say that there is none. With an event time, of every key and event time from
 * the first to the last that `covering` has: a source that drops its old rows, or has not got its newest ones yet, deletes nothing.
 * Rows that were refused are not in it, for their times may be what is wrong.
 */
export async function withMissingKeys(
  root: string,
  { contract, version }: PublishedContract,
  { accepted, given, covering }: { readonly accepted: string; readonly given: string; readonly covering: string },
): Promise<string> {
  const snapshot = await readSnapshot(tablePath(root, contract.group, version))
  const { entity, eventTime } = contract
  const time = eventTime === undefined ? [] : [quoteName(eventTime)]
  const identity = [...Object.keys(entity.key).map(quoteName), ...time].join(', ')
  const covered = time.map(
    (at) => `WHERE ${at} BETWEEN (SELECT min(${at}) FROM ${covering}) AND (SELECT max(${at}) FROM ${covering})`,
  )
  const stored = `(${latestRelation(snapshot, contract)}) ANTI JOIN ${given} USING (${identity}) ${covered.join('')}`
  return `(FROM ${accepted} UNION ALL BY NAME SELECT ${deletion(contract).join(', ')} FROM ${stored})`
}

/** Known from its commit on, as it restates a stored row, whatever is declared here. */
function deletion({ entity, eventTime, features, deleted = '' }: Contract): string[] {
  const time = eventTime === undefined ? [] : [quoteName(eventTime)]
  return [
    ...Object.keys(entity.key).map(quoteName),
    ...time,
    ...features.map(({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${quoteName(name)}`),
    `true AS ${quoteName(deleted)}`,
    `${time[0] ?? 'NULL::TIMESTAMPTZ'} AS _declared_available_at`,
  ]
}
