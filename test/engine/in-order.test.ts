import { expect, test } from 'vitest'
import { isInOrder } from '../../src/engine/index.ts'
import { temporaryEngine } from './temporary-engine.ts'

test.each([
  ['no rows', "SELECT 1 AS a, 'x' AS b WHERE false", true],
  ['one row', "SELECT * FROM (VALUES (1, 'x')) t(a, b)", true],
  ['rows that come one after another', "SELECT * FROM (VALUES (1, 'x'), (1, 'y'), (2, 'a')) t(a, b)", true],
  ['an earlier row behind a later one', "SELECT * FROM (VALUES (1, 'x'), (2, 'a'), (1, 'y')) t(a, b)", false],
  ['two equal rows side by side', "SELECT * FROM (VALUES (1, 'x'), (1, 'x')) t(a, b)", false],
])('rows are in order: %s', async (_what, rows, expected) => {
  const { engine } = await temporaryEngine()
  expect(await isInOrder(engine, rows, ['a', 'b'])).toBe(expected)
})

test('rows are in order: a repetition anywhere in a table of many rows is seen', async () => {
  const { engine } = await temporaryEngine()
  const rows = 500_000
  await engine.execute(`CREATE TABLE many AS SELECT i AS a, 'x' AS b FROM range(${rows}) r(i)`)
  expect(await isInOrder(engine, 'many', ['a', 'b'])).toBe(true)
  for (const place of [1, 2047, 2048, 122_880, rows - 1]) {
    const repeated = `SELECT CASE WHEN a = ${place} THEN ${place - 1} ELSE a END AS a, b FROM many`
    expect(await isInOrder(engine, repeated, ['a', 'b'])).toBe(false)
  }
})
