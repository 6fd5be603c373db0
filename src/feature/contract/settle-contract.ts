import { FtiError } from '../../base/index.ts'
import {
  type Contract,
  type ContractChange,
  classOf,
  compareContracts,
  contractOf,
  type FeatureGroup,
} from '../../contract/index.ts'
import { latestContract, type PublishedContract, publishContract } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import type { TransformDecision } from '../transforms/decide-transform.ts'

/** Under which contract a run will write, decided before anything is read. */
export interface SettledContract {
  readonly version: number
  /** The published contract when it says all that the project file says. */
  readonly current: PublishedContract | undefined
  /** What is new says something about the values and changes none: it need not wait for a commit. */
  readonly isMetadata: boolean
  /** Publishes what is new. For the moment before the commit: a run that fails must not bind its owner to a first draft. */
  publish(by: string, now: Date): Promise<PublishedContract>
}

/**
 * The first run publishes version 1, a compatible change is taken up under the same version, and a breaking one is
 * refused: only `fti apply` makes the next version.
 * @param readers who reads the group, for the error
 * @param transform what the transform means beside the published one
 */
export async function settleContract(
  root: string,
  group: FeatureGroup,
  readers: () => Promise<readonly string[]>,
  transform: (latest: PublishedContract | undefined) => Promise<TransformDecision>,
): Promise<SettledContract> {
  const declared = contractOf(group)
  const latest = await latestContract(root, group.name)
  const changes = latest === undefined ? [] : compareContracts(latest.contract, declared)
  if (latest && classOf(changes) === 'breaking') throw breaking(latest, declared, changes, await readers())
  const { change, publish } = await transform(latest)
  if (latest && change === 'breaking') throw edited(latest, await readers())
  const version = latest?.version ?? 1
  const isSame = changes.length === 0 && (publish === undefined || change === 'first')
  const kind = latest === undefined ? 'first' : 'compatible'
  return {
    version,
    current: isSame ? latest : undefined,
    isMetadata: latest !== undefined && publish === undefined && changes.every(({ metadata }) => metadata === true),
    publish: async (by, now) =>
      latest !== undefined && changes.length === 0 && publish === undefined
        ? latest
        : publishContract(root, declared, { version, changes, class: kind, transform: publish, by, now }),
  }
}

function edited({ contract: { group }, version }: PublishedContract, readers: readonly string[]): FtiError {
  return new FtiError(featureErrors.FTI_TRANSFORM_CHANGED, {
    message: `the transform of '${group}' may give other values than the one that made v${version}; the store was not touched`,
    place: `featureGroups.${group}.transform`,
    remedy: `look at it with: fti plan   then make it version ${version + 1} with: fti apply   or say what it means: fti apply --restate ${group} (corrections, known from now on), --forward-only ${group} (rows up to now keep their values)`,
    detail: readers.length === 0 ? undefined : `read by ${readers.join(', ')}`,
    data: { group, version, readers },
  })
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
    remedy: `look at it with: fti plan   then make it version ${published.version + 1} with: fti apply`,
    detail: lines.join('\n'),
    data: { group: declared.group, version: published.version, changes, readers },
  })
}
