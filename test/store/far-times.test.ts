import { expect, test } from 'vitest'
import { type JoinRequest, pointInTimeJoin } from '../../src/store/index.ts'
import { TemporaryStore } from './temporary-store.ts'

/** Values of `a` at these moments, known at once; the value is the number of the moment. */
async function joined(moments: readonly string[], spine: readonly string[], plan: 'window' | 'frontier') {
  const engine = await new TemporaryStore().engine()
  const rows = (times: readonly string[]) => times.map((time, n) => `('a', TIMESTAMPTZ '${time}', ${n})`).join(', ')
  await engine.execute(`CREATE TABLE stored AS SELECT key, t, n AS value, t AS _available_at, n::BIGINT AS _sequence
    FROM (VALUES ${rows(moments)}) v(key, t, n)`)
  await engine.execute(`CREATE TABLE spine AS SELECT key, t FROM (VALUES ${rows(spine)}) v(key, t, n)`)
  const request: JoinRequest = {
    spine: 'SELECT * FROM spine',
    time: 't',
    groups: [
      {
        name: 'stored',
        relation: 'stored',
        eventTime: 't',
        isStatic: false,
        on: { key: 'key' },
        pick: [{ feature: 'value', column: 'value' }],
      },
    ],
    output: 'joined',
    plan,
  }
  await pointInTimeJoin(engine, request)
  return (await engine.rows<{ value: number }>('SELECT value FROM joined ORDER BY _row')).map(({ value }) => value)
}

const far = (us: string) => `2300-01-01 00:00:00.${us}Z`

test.each(['window', 'frontier'] as const)('microseconds count after the year 2255 too: %s', async (plan) => {
  const moments = [far('000000'), far('000001'), far('000002'), far('000003'), far('900000')]
  for (const [index, moment] of moments.entries()) expect(await joined(moments, [moment], plan)).toEqual([index])
})
