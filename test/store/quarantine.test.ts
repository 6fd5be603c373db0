import { expect, test } from 'vitest'
import { quarantineRelation, writeQuarantine } from '../../src/store/index.ts'
import { TemporaryStore } from './temporary-store.ts'

test('refused rows are kept as text with their reasons, each once', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const request = {
    engine,
    root: store.root,
    group: 'delays',
    inputDigest: 'd1',
    runId: 'r1',
    now: new Date('2013-01-01T00:00:00Z'),
  }
  const refused = `SELECT ['delay in range', 'late'] AS _reasons, 'J"FK' AS origin, 'nan'::DOUBLE AS delay, 9007199254740993 AS n, NULL::INTEGER AS none`
  expect(await writeQuarantine({ ...request, refused })).toEqual({ snapshot: 0, added: 1 })
  const more = `(SELECT ['other'] AS _reasons, 1 AS a UNION ALL SELECT ['other'], 1)`
  expect(await writeQuarantine({ ...request, refused: more, runId: 'r2' })).toEqual({ snapshot: 1, added: 1 })
  expect(await writeQuarantine({ ...request, refused, runId: 'r3' })).toEqual({ snapshot: 1, added: 0 })
  expect(
    await engine.rows(`SELECT * FROM (${await quarantineRelation(store.root, 'delays')}) ORDER BY run_id`),
  ).toEqual([
    {
      reason: 'delay in range; late',
      row: `{"origin":"J\\"FK","delay":"nan","n":"9007199254740993","none":null}`,
      quarantined_at: '2013-01-01T00:00:00.000Z',
      run_id: 'r1',
      input_digest: 'd1',
    },
    { reason: 'other', row: '{"a":"1"}', quarantined_at: '2013-01-01T00:00:00.000Z', run_id: 'r2', input_digest: 'd1' },
  ])
})

test('a group without refused rows has an empty relation', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  expect(await engine.rows(await quarantineRelation(store.root, 'delays'))).toEqual([])
})
