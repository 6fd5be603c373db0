import { FtiError } from '../base/index.ts'
import {
  type Contract,
  type ContractChange,
  classOf,
  compareContracts,
  contractOf,
  type FeatureGroup,
} from '../contract/index.ts'
import { latestContract, type PublishedContract, publishContract } from '../store/index.ts'
import { featureErrors } from './errors.ts'

/**
 * The published contract that a run writes under. The first run publishes version 1, a compatible change is taken up
 * under the same version, and a breaking one is refused: only `fti apply` makes the next version.
 */
export async function settleContract(
  root: string,
  group: FeatureGroup,
  options: { readonly by: string; readonly now: Date; readonly readers: (changes: readonly ContractChange[]) => Promise<string[]> },
): Promise<PublishedContract> {
  const declared = contractOf(group)
  const published = await latestContract(root, group.name)
  if (!published) return publishContract(root, declared, { version: 1, changes: [], class: 'first', ...options })
  const changes = compareContracts(published.contract, declared)
  if (changes.length === 0) return published
  if (classOf(changes) === 'breaking') throw breaking(published, declared, changes, await options.readers(changes))
  return publishContract(root, declared, { version: published.version, changes, class: 'compatible', ...options })
}

function breaking(
  published: PublishedContract,
  declared: Contract,
  changes: readonly ContractChange[],
  readers: readonly string[],
): FtiError {
  const lines = changes.map((change) => `${change.class.padEnd(10)} ${change.subject}: ${change.what}`)
  if (readers.length > 0) lines.push(`read by ${readers.join(', ')}`)
  return new FtiError(featureErrors.FTI_CONTRACT_BREAKING, {
    message: `the project file breaks contract ${declared.group} v${published.version}; the store was not touched`,
    place: `featureGroups.${declared.group}`,
    remedy: 'look at it with: fti plan   then make it version ' + `${published.version + 1} with: fti apply`,
    detail: lines.join('\n'),
    data: { group: declared.group, version: published.version, changes, readers },
  })
}
