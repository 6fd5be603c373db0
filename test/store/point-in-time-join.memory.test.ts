import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDirectory } from '../../src/base/index.ts'
import { openEngine } from '../../src/engine/index.ts'
import { pointInTimeJoin } from '../../src/store/index.ts'
import { TemporaryStore } from './temporary-store.ts'

test('a group that is larger than the memory limit is joined by spilling to disk', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await makeDirectory(store.root)
  const path = join(store.root, 'values.parquet')
  const start = `TIMESTAMPTZ '2013-01-01 00:00:00Z'`
  const features = Array.from({ length: 6 }, (_, n) => `random() AS f${n}`)
  // 1.2M rows of 72 bytes: entity i % 1000 has a value every 1000 seconds.
  const written = await engine.writeParquet(
    `SELECT i % 1000 AS entity, ${start} + to_seconds(i) AS happened, i AS value, ${features.join(', ')},
       ${start} + to_seconds(i) AS _available_at, i AS _sequence FROM range(1200000) r(i)`,
    path,
  )
  const memoryLimitBytes = 40 * 2 ** 20
  expect(written.bytes).toBeGreaterThan(memoryLimitBytes)
  const small = await openEngine({
    tempDirectory: join(store.root, 'spill'),
    allowedDirectories: [store.root],
    threads: 2,
    memoryLimitBytes,
  })
  try {
    await pointInTimeJoin(small, {
      spine: `SELECT i % 1000 AS entity, ${start} + to_seconds(1000000 + i) AS t FROM range(1000) r(i)`,
      time: 't',
      groups: [
        {
          relation: `SELECT * FROM '${path}'`,
          name: 'values',
          on: { entity: 'entity' },
          pick: [{ feature: 'value', column: 'value' }],
          eventTime: 'happened',
          isStatic: false,
        },
      ],
      output: 'joined',
      plan: 'frontier',
    })
    const wrong = await small.rows(`SELECT * FROM joined WHERE value IS DISTINCT FROM 1000000 + _row`)
    expect(wrong).toEqual([])
  } finally {
    await small.close()
  }
})
