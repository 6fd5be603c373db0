import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Contract } from '../../src/contract/index.ts'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import {
  type CommitResult,
  commitRows,
  type PublishedContract,
  rawRelation,
  readSnapshot,
  tablePath,
} from '../../src/store/index.ts'

type WhenOver = (cleanUp: () => void | Promise<void>) => void

/** A store in a temporary folder, with engines that may read and write it. */
export class TemporaryStore {
  readonly root: string
  readonly #whenOver: WhenOver

  /** @param whenOver who cleans up: the test, unless several share the store */
  constructor(whenOver: WhenOver = onTestFinished) {
    this.#whenOver = whenOver
    const folder = mkdtempSync(join(tmpdir(), 'fti-store-'))
    whenOver(() => rmSync(folder, { recursive: true, force: true }))
    this.root = join(folder, 'store')
  }

  async engine(): Promise<Engine> {
    const engine = await openEngine({
      tempDirectory: join(this.root, '../spill'),
      allowedDirectories: [this.root],
      threads: 2,
    })
    this.#whenOver(() => engine.close())
    return engine
  }

  /** Commits rows that are given as SQL, at a moment. */
  async commit(engine: Engine, contract: PublishedContract, candidate: string, now: string): Promise<CommitResult> {
    return commitRows({
      engine,
      root: this.root,
      contract,
      candidate,
      inputDigest: now,
      runId: 'run',
      clock: () => new Date(now),
    })
  }

  /** All stored rows of a group's table, in order of their sequence. */
  async stored(engine: Engine, { contract, version }: PublishedContract, at?: number | Date): Promise<object[]> {
    const snapshot = await readSnapshot(tablePath(this.root, contract.group, version), at)
    return engine.rows(`SELECT * FROM (${rawRelation(snapshot, contract)}) ORDER BY _sequence`)
  }
}

export const delays: Contract = {
  group: 'delays',
  entity: { name: 'airport', key: { origin: 'string' } },
  isStatic: false,
  eventTime: 'at',
  availability: { kind: 'after', lagMs: 3_600_000 },
  features: [{ name: 'delay', type: 'float64', nullable: true }],
  expectations: { rows: [], batch: [] },
}

export function published(contract: Contract, version = 1): PublishedContract {
  return {
    format: 1,
    revision: 1,
    version,
    contract,
    changes: [],
    class: 'first',
    publishedAt: '2013-01-01T00:00:00Z',
    by: 'test',
  }
}

/** Rows of `delays`, available one hour after their event: `['JFK', '2013-01-01 05:00', 3.5]`. */
export function delayRows(...rows: [origin: string | null, at: string, delay: number | string | null][]): string {
  const values = rows.map(([origin, at, delay]) => {
    const name = origin === null ? 'NULL' : `'${origin.replaceAll("'", "''")}'`
    return `(${name}, TIMESTAMPTZ '${at.length === 16 ? `${at}:00` : at}Z', ${typeof delay === 'string' ? `'${delay}'` : delay}::DOUBLE)`
  })
  return `SELECT origin::VARCHAR AS origin, "at", delay, "at" + INTERVAL 1 HOUR AS _declared_available_at
    FROM (VALUES ${values.join(', ')}) v(origin, "at", delay)`
}
