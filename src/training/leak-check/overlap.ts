import type { Model } from '../../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../../engine/index.ts'
import type { BuiltDataset } from '../dataset/build-dataset.ts'

/** Entities of `test` that `train` has too. Airports recur, and must; the thing that is labelled must not. */
export interface Overlap {
  /** Columns of the spine. */
  readonly key: readonly string[]
  /** The label belongs to this entity. */
  readonly isLabelled: boolean
  /** Distinct entities in test. */
  readonly entities: number
  /** Those of them that are in train. */
  readonly shared: number
  /** Share of the rows of test that are about such an entity. */
  readonly rowShare: number
}

/** Compares `train` and `test` by every entity key that the model knows. */
export async function checkOverlap(
  engine: Engine,
  model: Model,
  { dataset, signature, sources }: BuiltDataset,
): Promise<Overlap[]> {
  const labelled = Object.keys(sources.groups.get(model.label.group)?.published.contract.entity.key ?? {})
  const keys = new Map(
    [labelled, ...signature.groups.map(({ on }) => Object.values(on))].map((key) => [key.join(), key]),
  )
  const overlaps: Overlap[] = []
  for (const key of keys.values()) {
    const columns = key.map(quoteName).join(', ')
    const side = (path: string) => `SELECT ${columns} FROM read_parquet(${quoteText(path)})`
    const [found] = await engine.rows<{ entities: number; shared: number; rows: number; seen: number | null }>(
      `SELECT count(*) AS entities, count(*) FILTER (t._seen) AS shared, sum(n) AS rows, sum(n) FILTER (t._seen) AS seen
       FROM (SELECT ${columns}, count(*) AS n FROM (${side(dataset.paths.test)}) GROUP BY ALL) e
       LEFT JOIN (SELECT DISTINCT ${columns}, true AS _seen FROM (${side(dataset.paths.train)})) t USING (${columns})`,
    )
    const { entities = 0, shared = 0, rows = 0, seen = 0 } = found ?? {}
    overlaps.push({
      key,
      isLabelled: key === labelled,
      entities,
      shared,
      rowShare: rows === 0 ? 0 : Number(seen) / rows,
    })
  }
  return overlaps
}
