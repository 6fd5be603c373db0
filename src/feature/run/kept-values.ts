import { type Engine, inFrom, quoteName, quoteText } from '../../engine/index.ts'
import { type PublishedContract, rawRelation, readSnapshot, tablePath } from '../../store/index.ts'

/**
 * Relation of the rows that may enter the table: where an edited transform counts from a moment on, rows up to it that are stored keep
 * the values that they have. Late rows up to it that are not stored are new all the same.
 */
export async function withoutKept(
  engine: Engine,
  root: string,
  { contract, version, transform }: PublishedContract,
  rows: string,
): Promise<string> {
  const { eventTime } = contract
  if (transform?.forwardFrom === undefined || eventTime === undefined) return rows
  const snapshot = await readSnapshot(tablePath(root, contract.group, version))
  if (snapshot === undefined) return rows
  const identity = [...Object.keys(contract.entity.key), eventTime].map(quoteName).join(', ')
  const until = `${quoteName(eventTime)} <= TIMESTAMPTZ ${quoteText(transform.forwardFrom)}`
  await engine.execute(
    `CREATE OR REPLACE TABLE _kept AS SELECT DISTINCT ${identity} FROM (${rawRelation(snapshot, contract)}) WHERE ${until}`,
  )
  return `(SELECT * FROM ${inFrom(rows)} ANTI JOIN _kept USING (${identity}))`
}
