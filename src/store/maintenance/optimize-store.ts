import { type Engine, openEngine } from '../../engine/index.ts'
import { type Optimized, optimizeTable } from './optimize-table.ts'
import { type StoreTable, storeTables } from './store-tables.ts'

/** What work on the tables of a store needs. */
export interface StoreWork {
  readonly root: string
  /** For what does not fit into memory. */
  readonly tempDirectory: string
  /** Names of feature groups; all when empty. */
  readonly groups: readonly string[]
  readonly now: Date
  readonly signal?: AbortSignal | undefined
}

export type OptimizedTable = Pick<StoreTable, 'group' | 'name'> & Optimized

/** Joins the small files of every table of these groups; see `optimizeTable`. */
export async function optimizeStore(work: StoreWork): Promise<OptimizedTable[]> {
  const tables = await storeTables(work.root, work.groups)
  return withEngine(work, async (engine) => {
    const optimized: OptimizedTable[] = []
    for (const { group, name, path } of tables) {
      const result = await optimizeTable(path, { engine, now: work.now, signal: work.signal })
      if (result) optimized.push({ group, name, ...result })
    }
    return optimized
  })
}

/** An engine that reads and writes the store alone. */
export async function withEngine<T>(
  { root, tempDirectory }: StoreWork,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await openEngine({ tempDirectory, allowedDirectories: [root] })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}
