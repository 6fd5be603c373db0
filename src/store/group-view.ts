import { didYouMean, FtiError } from '../base/index.ts'
import type { Contract, SnapshotReference } from '../contract/index.ts'
import { type Engine, quoteName } from '../engine/index.ts'
import { latestContract, listGroups, type PublishedContract, readContracts } from './contracts.ts'
import { checkDataFiles } from './delta/data-files.ts'
import { readRows, type Snapshot } from './delta/snapshot.ts'
import { storeErrors } from './errors.ts'
import { readRetirement } from './retirement.ts'
import { latestRelation, rawRelation } from './rows/relation.ts'
import { tablePath } from './table-path.ts'

/** A published group at one snapshot, with the two relations that project SQL may read. */
export interface GroupView {
  readonly reference: SnapshotReference
  readonly published: PublishedContract
  readonly snapshot: Snapshot
  /** All rows with their system columns. */
  readonly raw: string
}

export interface Pin {
  readonly contractVersion?: number | undefined
  /** Delta version or moment; the newest snapshot when absent. */
  readonly at?: number | Date | undefined
}

/** Opens a published group, newest unless pinned. A group that was never committed is an error that names the command. */
export async function openGroup(root: string, group: string, pin: Pin = {}): Promise<GroupView> {
  const published = await contractFor(root, group, pin.contractVersion)
  // Before the table is looked at: the event decides, and a retirement may have died before the table was gone.
  if (published) await refuseRetired(root, group, published.version)
  const snapshot = published && (await readRows(tablePath(root, group, published.version), pin.at))
  if (!published || !snapshot) throw await neverRun(root, group, published !== undefined)
  await checkDataFiles(snapshot)
  return {
    reference: { group, contractVersion: published.version, snapshot: snapshot.rowsVersion },
    published,
    snapshot,
    raw: rawRelation(snapshot, published.contract),
  }
}

/** Makes a group readable in project SQL: its name is the latest value per key and event time, `<group>__history` the raw rows. */
export async function defineGroupViews(engine: Engine, view: GroupView): Promise<void> {
  const { group } = view.reference
  const latest = latestRelation(view.snapshot, view.published.contract)
  await engine.execute(`CREATE OR REPLACE VIEW ${quoteName(group)} AS ${latest}`)
  await engine.execute(`CREATE OR REPLACE VIEW ${quoteName(`${group}__history`)} AS ${view.raw}`)
}

/** The same names with the columns of a contract and without a row: enough to bind SQL that reads the group. */
export async function defineEmptyGroupViews(engine: Engine, contract: Contract): Promise<void> {
  const { group } = contract
  await engine.execute(`CREATE OR REPLACE VIEW ${quoteName(group)} AS ${latestRelation(undefined, contract)}`)
  await engine.execute(
    `CREATE OR REPLACE VIEW ${quoteName(`${group}__history`)} AS ${rawRelation(undefined, contract)}`,
  )
}

async function contractFor(root: string, group: string, version?: number): Promise<PublishedContract | undefined> {
  if (version === undefined) return latestContract(root, group)
  return (await readContracts(root, group)).findLast((published) => published.version === version)
}

async function refuseRetired(root: string, group: string, version: number): Promise<void> {
  const retirement = await readRetirement(root, group, version)
  if (retirement === undefined) return
  const { retiredAt, by, why } = retirement
  throw new FtiError(storeErrors.FTI_CONTRACT_RETIRED, {
    message: `${group} v${version} was retired at ${retiredAt} by ${by}${why === undefined ? '' : `: ${why}`}`,
    place: `${group}@v${version}`,
    remedy: `read the newest contract version: fti feature show ${group}`,
    data: { ...retirement },
  })
}

async function neverRun(root: string, group: string, published: boolean): Promise<FtiError> {
  const known = await listGroups(root)
  return new FtiError(storeErrors.FTI_GROUP_NEVER_RUN, {
    message: `feature group '${group}' has no committed data`,
    place: root,
    remedy:
      published || known.length === 0 || known.includes(group)
        ? `run: fti feature run ${group}`
        : didYouMean(group, known, `run: fti feature run ${group}`),
    data: { group, known },
  })
}
