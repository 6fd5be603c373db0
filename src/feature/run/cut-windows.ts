import type { FeatureGroup } from '../../contract/index.ts'
import { type Engine, inFrom, quoteName, quoteTime } from '../../engine/index.ts'
import { type PublishedContract, rawRelation, readSnapshot, tablePath } from '../../store/index.ts'
import type { SourceChange } from '../sources/source-changes.ts'

/** Stored rows whose windows reach before the first row that is left of what they were made from. */
export interface CutWindows {
  readonly change: SourceChange
  /** The rows that may enter the table: all but those. */
  without(rows: string): string
}

/**
 * A file that drops its oldest rows makes the first windows of what is left count less, and that is no correction of them. Nothing
 * where the rows begin as early as the table does. Rows that were refused do not say where: their times may be what is wrong.
 */
export async function findCutWindows(
  engine: Engine,
  root: string,
  { aggregates, eventTime, name }: FeatureGroup,
  { contract, version }: PublishedContract,
  { accepted, sources }: { readonly accepted: string; readonly sources: readonly string[] },
): Promise<CutWindows | undefined> {
  const snapshot = await readSnapshot(tablePath(root, name, version))
  if (aggregates === undefined || eventTime === undefined || snapshot === undefined) return undefined
  const time = quoteName(eventTime)
  const stored = rawRelation(snapshot, contract)
  const [begins] = await engine.rows<{ first: string | null; later: boolean | null }>(
    `SELECT min(${time}) AS first, min(${time}) > (SELECT min(${time}) FROM (${stored})) AS later FROM ${accepted}`,
  )
  if (!begins?.first || !begins.later) return undefined
  const longestMs = Math.max(...Object.values(aggregates).map(({ overMs }) => overMs))
  const identity = [...Object.keys(contract.entity.key), eventTime].map(quoteName).join(', ')
  await engine.execute(`CREATE OR REPLACE TABLE _cut AS SELECT DISTINCT ${identity} FROM (${stored})
    SEMI JOIN ${accepted} USING (${identity})
    WHERE ${time} < ${quoteTime(begins.first)} + to_milliseconds(${longestMs})`)
  const [found] = await engine.rows<{ rows: number }>('SELECT count(*) AS rows FROM _cut')
  const rows = Number(found?.rows ?? 0)
  if (rows === 0) return undefined
  return {
    change: { source: sources.join(', '), column: eventTime, change: 'shortened', to: begins.first, rows },
    without: (given) => `(SELECT * FROM ${inFrom(given)} ANTI JOIN _cut USING (${identity}))`,
  }
}
