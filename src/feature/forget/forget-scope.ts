import { didYouMean, FtiError } from '../../base/index.ts'
import type { Contract } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import { type EntityToForget, latestContract, listGroups } from '../../store/index.ts'
import { readKey } from '../entity-key.ts'
import { featureErrors } from '../errors.ts'

/** An entity, and the groups of the store that are about it. */
export interface ForgetScope {
  readonly group: string
  readonly key: Readonly<Record<string, string>>
  readonly entity: EntityToForget
  /** Whose keys have all columns of the key: rows are erased from these. */
  readonly groups: readonly string[]
  /** Whose features are called like all columns of the key: their rows are about something else. */
  readonly others: readonly string[]
}

/** Finds the entity that a key of a group names. Errors: FTI_GROUP_UNKNOWN, FTI_KEY_INVALID. */
export async function forgetScope(
  project: Pick<Project, 'store'>,
  group: string,
  key: Readonly<Record<string, string>>,
): Promise<ForgetScope> {
  const known = await listGroups(project.store)
  const contracts: Contract[] = []
  for (const name of known) {
    const published = await latestContract(project.store, name)
    if (published) contracts.push(published.contract)
  }
  const contract = contracts.find((each) => each.group === group)
  if (contract === undefined)
    throw new FtiError(featureErrors.FTI_GROUP_UNKNOWN, {
      message: `the store has no feature group '${group}'`,
      place: project.store,
      remedy: didYouMean(group, known),
    })
  const entity = readKey(group, contract.entity.key, key)
  const names = entity.map(({ name }) => name)
  const groups = contracts.filter((each) => names.every((name) => name in each.entity.key))
  const others = contracts.filter(
    (each) =>
      !groups.includes(each) &&
      names.every((name) => name in each.entity.key || each.features.some((feature) => feature.name === name)),
  )
  return { group, key, entity, groups: groups.map((each) => each.group), others: others.map((each) => each.group) }
}
