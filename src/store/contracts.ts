import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  canonicalJson,
  createFile,
  FtiError,
  isSafeName,
  isSystemError,
  makeDirectory,
  safeName,
} from '../base/index.ts'
import {
  type ChangeClass,
  type Contract,
  type ContractChange,
  compareContracts,
  type TransformPolicy,
} from '../contract/index.ts'
import { storeErrors } from './errors.ts'

/** A contract as its readers may rely on it, with how it differs from the one before. Never edited, only followed. */
export interface PublishedContract {
  readonly format: 1
  /** Number of this file, counted from 1. */
  readonly revision: number
  /** Contract version: names the table. A compatible change is a new revision of the same version. */
  readonly version: number
  readonly contract: Contract
  readonly changes: readonly ContractChange[]
  readonly class: ChangeClass | 'first'
  /** How the values are made; absent where an older fti published. */
  readonly transform?: PublishedTransform | undefined
  readonly publishedAt: string
  readonly by: string
  readonly why?: string | undefined
}

/** The transform behind a contract: readers rely on what the values mean, and that is how they are made. */
export interface PublishedTransform {
  readonly sql: string
  /** What is not SQL, as text that is equal for equal transforms. */
  readonly extra: string
  /** How it came to be taken for the one before. */
  readonly change: 'first' | 'cosmetic' | 'additive' | TransformPolicy
  /** Rows up to this event time keep the values that an older transform gave them. */
  readonly forwardFrom?: string | undefined
}

/** Every published contract of a group, oldest first; empty when there is none. */
export async function readContracts(root: string, group: string): Promise<PublishedContract[]> {
  const folder = contractFolder(root, group)
  const names = await entries(folder)
  const numbers = names.filter((name) => /^\d+\.json$/.test(name)).map((name) => Number.parseInt(name, 10))
  numbers.sort((a, b) => a - b)
  const published = await Promise.all(numbers.map((number) => readContract(folder, number)))
  const hole = published.findIndex((contract, index) => contract.revision !== index + 1)
  if (hole >= 0) throw corrupt(join(folder, `${hole + 1}.json`), 'it is missing')
  return published
}

export async function latestContract(root: string, group: string): Promise<PublishedContract | undefined> {
  return (await readContracts(root, group)).at(-1)
}

export interface Publication {
  readonly version: number
  /** As compared with the newest published contract; when that is another one by now, publishing is refused. */
  readonly changes: readonly ContractChange[]
  readonly class: ChangeClass | 'first'
  /** That of the contract before when absent. */
  readonly transform?: PublishedTransform | undefined
  readonly by: string
  readonly why?: string | undefined
  readonly now: Date
}

/** Publishes a contract by claiming the next number. Of many at once exactly one wins; the others get a conflict. */
export async function publishContract(
  root: string,
  contract: Contract,
  publication: Publication,
): Promise<PublishedContract> {
  const latest = await latestContract(root, contract.group)
  const actual = latest === undefined ? [] : compareContracts(latest.contract, contract)
  // Two runs that found the same new contract want the same thing; the second one has it.
  if (latest && isSaid(latest, contract, publication)) return latest
  const outdated = (publication.class === 'first') !== (latest === undefined)
  if (outdated || canonicalJson(actual) !== canonicalJson(publication.changes)) throw lost(contract.group)
  const published: PublishedContract = {
    format: 1,
    revision: (latest?.revision ?? 0) + 1,
    version: publication.version,
    contract,
    changes: publication.changes,
    class: publication.class,
    ...transformAfter(latest, publication),
    publishedAt: publication.now.toISOString(),
    by: publication.by,
    ...(publication.why === undefined ? {} : { why: publication.why }),
  }
  const folder = contractFolder(root, contract.group)
  await makeDirectory(folder)
  const text = `${JSON.stringify(published, null, 2)}\n`
  if (await createFile(join(folder, `${published.revision}.json`), text)) return published
  const winner = await latestContract(root, contract.group)
  if (winner && isSaid(winner, contract, publication)) return winner
  throw lost(contract.group)
}

/** Whether a published contract says all that is to be published. */
function isSaid(published: PublishedContract, contract: Contract, { version, transform }: Publication): boolean {
  const made = ({ sql, extra }: PublishedTransform) => canonicalJson([sql, extra])
  const isSameMaking =
    transform === undefined || (published.transform !== undefined && made(published.transform) === made(transform))
  return published.version === version && isSameMaking && compareContracts(published.contract, contract).length === 0
}

/** What keeps its old values keeps them under every later revision of the same version, until one of them corrects them. */
function transformAfter(
  latest: PublishedContract | undefined,
  { version, transform = latest?.transform }: Publication,
): { transform?: PublishedTransform } {
  if (transform === undefined) return {}
  const isKept = latest?.version === version && transform.change !== 'restate'
  const forwardFrom = transform.forwardFrom ?? (isKept ? latest.transform?.forwardFrom : undefined)
  return { transform: { ...transform, ...(forwardFrom === undefined ? {} : { forwardFrom }) } }
}

/** The newest published contract of every group by name, and that of each contract version as `group@v1`. */
export async function publishedContracts(root: string): Promise<Map<string, Contract>> {
  const contracts = new Map<string, Contract>()
  for (const group of await listGroups(root)) {
    for (const { contract, version } of await readContracts(root, group)) {
      contracts.set(`${group}@v${version}`, contract)
      contracts.set(group, contract)
    }
  }
  return contracts
}

/** Names of the groups that have a published contract, sorted. */
export async function listGroups(root: string): Promise<string[]> {
  const names = await entries(join(root, '_contracts'))
  return names.filter(isSafeName).sort()
}

/** Folder of a group's published contracts. */
export function contractFolder(root: string, group: string): string {
  return join(root, '_contracts', safeName(group, 'feature group'))
}

async function entries(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  })
}

async function readContract(folder: string, number: number): Promise<PublishedContract> {
  const path = join(folder, `${number}.json`)
  let read: Partial<PublishedContract>
  try {
    read = JSON.parse(await readFile(path, 'utf8')) as Partial<PublishedContract>
  } catch (error) {
    throw corrupt(path, 'it is not JSON', error)
  }
  if (read.format !== 1)
    throw corrupt(path, `its format is ${JSON.stringify(read.format ?? null)}, and this fti reads 1`)
  if (read.revision !== number || !Number.isInteger(read.version) || !read.contract?.entity || !read.contract.features)
    throw corrupt(path, 'parts of it are missing')
  return read as PublishedContract
}

function corrupt(path: string, what: string, cause?: unknown): FtiError {
  return new FtiError(storeErrors.FTI_CONTRACT_CORRUPT, {
    message: `a published contract cannot be used: ${what}`,
    place: path,
    remedy: 'restore this file from a backup, or use the version of fti that wrote it',
    cause,
  })
}

function lost(group: string): FtiError {
  return new FtiError(storeErrors.FTI_STORE_CONFLICT, {
    message: `another process published a contract of '${group}' first`,
    place: group,
    remedy: 'run the command again: it compares with the newest contract',
  })
}
