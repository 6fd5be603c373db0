import { type Engine, quoteName } from '../engine/index.ts'
import type { GroupView } from './group-view.ts'
import { identity, latestRelation } from './rows/relation.ts'

/** How one feature differs where both snapshots have a value. */
export interface FeatureDifference {
  readonly name: string
  /** Values that are not the same; null to a value and back included. */
  readonly changed: number
}

export interface Difference {
  readonly added: number
  readonly removed: number
  readonly restated: number
  readonly features: readonly FeatureDifference[]
}

/**
 * Compares the latest value per key and event time of two snapshots of one table, in one pass over both.
 * Features are those that both have.
 */
export async function compareSnapshots(
  engine: Engine,
  from: GroupView,
  to: GroupView,
  signal?: AbortSignal,
): Promise<Difference> {
  const key = identity(to.published.contract).map(quoteName)
  const known = new Set(from.published.contract.features.map(({ name }) => name))
  const features = to.published.contract.features.map(({ name }) => name).filter((name) => known.has(name))
  const differs = features.map((name) => `a.${quoteName(name)} IS DISTINCT FROM b.${quoteName(name)}`)
  const side = ({ snapshot, published }: GroupView) =>
    `(SELECT *, true AS _present FROM (${latestRelation(snapshot, published.contract)}))`
  const both = 'a._present AND b._present'
  const counts = [
    'count(*) FILTER (a._present IS NULL) AS added',
    'count(*) FILTER (b._present IS NULL) AS removed',
    `count(*) FILTER (${both} AND (${differs.join(' OR ') || 'false'})) AS restated`,
    ...differs.map((condition, index) => `count(*) FILTER (${both} AND ${condition}) AS changed_${index}`),
  ]
  const [found] = await engine.rows<Record<string, number>>(
    `SELECT ${counts.join(', ')} FROM ${side(from)} a FULL JOIN ${side(to)} b
     ON ${key.map((name) => `a.${name} = b.${name}`).join(' AND ')}`,
    signal,
  )
  return {
    added: found?.['added'] ?? 0,
    removed: found?.['removed'] ?? 0,
    restated: found?.['restated'] ?? 0,
    features: features.map((name, index) => ({ name, changed: found?.[`changed_${index}`] ?? 0 })),
  }
}
