import { didYouMean, FtiError } from '../../base/index.ts'
import type { Contract } from '../../contract/index.ts'
import { listGroups, readContracts } from '../contracts.ts'
import { listLog } from '../delta/log.ts'
import { storeErrors } from '../errors.ts'
import { quarantinePath } from '../quarantine.ts'
import { tablePath } from '../table-path.ts'

/** A Delta table of the store: a contract version of a feature group, or a group's refused rows. */
export interface StoreTable {
  readonly group: string
  /** `v` and the contract version, or `quarantine`. */
  readonly name: string
  /** The newest contract of that version; refused rows have none. */
  readonly contract: Contract | undefined
  readonly path: string
}

/** The tables of these groups, or of all; groups without a table have none. An unknown group is an error. */
export async function storeTables(root: string, groups: readonly string[]): Promise<StoreTable[]> {
  const known = await listGroups(root)
  const unknown = groups.find((group) => !known.includes(group))
  if (unknown !== undefined) throw unknownGroup(root, unknown, known)
  const tables: StoreTable[] = []
  for (const group of groups.length === 0 ? known : groups) {
    const contracts = new Map((await readContracts(root, group)).map(({ version, contract }) => [version, contract]))
    for (const [version, contract] of contracts) {
      tables.push({ group, name: `v${version}`, contract, path: tablePath(root, group, version) })
    }
    tables.push({ group, name: 'quarantine', contract: undefined, path: quarantinePath(root, group) })
  }
  const present = await Promise.all(tables.map(async ({ path }) => (await listLog(path)).newest !== undefined))
  return tables.filter((_, index) => present[index])
}

function unknownGroup(root: string, group: string, known: readonly string[]): FtiError {
  return new FtiError(storeErrors.FTI_GROUP_NEVER_RUN, {
    message: `feature group '${group}' has no committed data`,
    place: root,
    remedy: known.length === 0 ? 'run: fti feature run' : didYouMean(group, known),
    data: { group, known },
  })
}
