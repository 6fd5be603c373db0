import { didYouMean, FtiError } from '../../base/index.ts'
import type { Contract } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import { type EntityToForget, listGroups, namingOf, readContracts } from '../../store/index.ts'
import { readKey } from '../catalogue/entity-key.ts'
import { featureErrors } from '../errors.ts'

/** An entity, and the groups of the store that are about it. */
export interface ForgetScope {
  readonly group: string
  readonly key: Readonly<Record<string, string>>
  readonly entity: EntityToForget
  /** With a contract version whose key has all columns of the key: rows are erased from the tables of such versions. */
  readonly groups: readonly string[]
  /** With a version whose features are called like columns of the key: rows of its table are about something else. */
  readonly others: readonly string[]
}

/** Finds the entity that a key of a group names. Errors: FTI_GROUP_UNKNOWN, FTI_KEY_INVALID. */
export async function forgetScope(
  project: Pick<Project, 'store'>,
  group: string,
  key: Readonly<Record<string, string>>,
): Promise<ForgetScope> {
  const known = await listGroups(project.store)
  const contracts = new Map<string, Contract[]>()
  for (const name of known) contracts.set(name, await contractOfEachVersion(project.store, name))
  const versions = contracts.get(group) ?? []
  // Rows from before a change of the key can be named only by the key of then.
  const contract = versions.findLast((each) => hasKey(each, Object.keys(key))) ?? versions.at(-1)
  if (contract === undefined)
    throw new FtiError(featureErrors.FTI_GROUP_UNKNOWN, {
      message: `the store has no feature group '${group}'`,
      place: project.store,
      remedy: didYouMean(group, known),
    })
  const entity = readKey(group, contract.entity.key, key)
  const groupsNaming = (naming: 'key' | 'feature') =>
    known.filter((name) => contracts.get(name)?.some((each) => namingOf(each, entity) === naming))
  return { group, key, entity, groups: groupsNaming('key'), others: groupsNaming('feature') }
}

function hasKey({ entity }: Contract, names: readonly string[]): boolean {
  return names.length === Object.keys(entity.key).length && names.every((name) => name in entity.key)
}

/** The newest contract of each version, oldest version first: each has a table of its own, with the key of then. */
async function contractOfEachVersion(root: string, group: string): Promise<Contract[]> {
  const published = await readContracts(root, group)
  return [...new Map(published.map(({ version, contract }) => [version, contract])).values()]
}
