import { FtiError } from '../base/index.ts'
import type { Contract, FeatureGroup } from '../contract/index.ts'
import { quoteName } from '../engine/index.ts'
import { duckdbType, latestRelation, type PublishedContract, readSnapshot, tablePath } from '../store/index.ts'
import { featureErrors } from './errors.ts'
import type { GroupInput } from './group-input.ts'

/** Errors: FTI_GROUP_PARTIAL, before anything is computed. */
export function refusePartial(group: FeatureGroup, { sources }: GroupInput): void {
  const pushed = group.onMissing === 'delete' && sources.find(({ source }) => source.type === 'push')
  if (!pushed) return
  throw new FtiError(featureErrors.FTI_GROUP_PARTIAL, {
    message: `'${group.name}' deletes keys that are missing, and reads '${pushed.source.name}', which is pushed`,
    place: `featureGroups.${group.name}.onMissing`,
    remedy: `remove onMissing, or read a source that always has all keys`,
  })
}

/**
 * Adds to the rows to commit, a relation in brackets, a deletion of every key that is stored and that `given` has not. Rows that were
 * refused are given too: that a value is wrong does not say that there is none.
 */
export async function withMissingKeys(
  root: string,
  { contract, version }: PublishedContract,
  { accepted, given }: { readonly accepted: string; readonly given: string },
): Promise<string> {
  const snapshot = await readSnapshot(tablePath(root, contract.group, version))
  const keys = Object.keys(contract.entity.key).map(quoteName).join(', ')
  const stored = `(${latestRelation(snapshot, contract)}) ANTI JOIN ${given} USING (${keys})`
  return `(FROM ${accepted} UNION ALL BY NAME SELECT ${deletion(contract).join(', ')} FROM ${stored})`
}

function deletion({ entity, features, deleted = '' }: Contract): string[] {
  return [
    ...Object.keys(entity.key).map(quoteName),
    ...features.map(({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${quoteName(name)}`),
    `true AS ${quoteName(deleted)}`,
    'NULL::TIMESTAMPTZ AS _declared_available_at',
  ]
}
