import { expect, test } from 'vitest'
import { temporaryEngine } from './temporary-engine.ts'

test.each([
  [`COPY (SELECT 1) TO '/tmp/x'`, 'FTI_SQL_NOT_SELECT'],
  ['SELECT 1; SELECT 2', 'FTI_SQL_NOT_SELECT'],
  ['SELECT 1; DROP TABLE t', 'FTI_SQL_NOT_SELECT'],
  ['', 'FTI_SQL_NOT_SELECT'],
  ['-- nothing', 'FTI_SQL_NOT_SELECT'],
  ['SET threads = 1', 'FTI_SQL_NOT_SELECT'],
  ['INSERT INTO t VALUES (1)', 'FTI_SQL_NOT_SELECT'],
  ["ATTACH 'x'", 'FTI_SQL_NOT_SELECT'],
  ['SELECT 1 FROM (', 'FTI_SQL_FAILED'],
])('refuses %j with %s', async (sql, code) => {
  const { engine } = await temporaryEngine()
  await expect(engine.inspectSelect(sql)).rejects.toMatchObject({ code })
})

test('a syntax error shows its line and a caret', async () => {
  const { engine } = await temporaryEngine()
  const error = await engine.inspectSelect('SELECT a,\n  b FRO m').catch((caught: unknown) => caught)
  expect(error).toMatchObject({ detail: 'LINE 2:   b FRO m\n                ^' })
})

test('tables are named once, without common table expressions, within subqueries too', async () => {
  const { engine } = await temporaryEngine()
  const { tables, tableFunctions } = await engine.inspectSelect(`
    WITH recent AS (SELECT * FROM flights), joined AS (SELECT * FROM recent JOIN s.planes USING (tailnum))
    SELECT *, (SELECT max(x) FROM "Weather") FROM joined, range(3) WHERE k IN (SELECT k FROM flights)`)
  expect([...tables].sort()).toEqual(['Weather', 'flights', 's.planes'])
  expect(tableFunctions).toEqual(['range'])
})

test('a common table expression that shadows a table still reads the table', async () => {
  const { engine } = await temporaryEngine()
  const { tables } = await engine.inspectSelect('WITH flights AS (SELECT * FROM flights) SELECT * FROM flights')
  expect(tables).toEqual(['flights'])
})

test('a recursive expression reads itself', async () => {
  const { engine } = await temporaryEngine()
  const { tables } = await engine.inspectSelect(
    'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT * FROM n',
  )
  expect(tables).toEqual([])
})

test('layout, comments and case of keywords leave the tree unchanged; a different value does not', async () => {
  const { engine } = await temporaryEngine()
  const one = await engine.inspectSelect('SELECT a FROM t WHERE b = 1')
  const same = await engine.inspectSelect('select a -- why\n  from t\n where b = 1')
  const other = await engine.inspectSelect('SELECT a FROM t WHERE b = 2')
  expect(same.tree).toBe(one.tree)
  expect(other.tree).not.toBe(one.tree)
})

test.each([
  'SELECT 1 AS a',
  'SELECT 1 AS a;',
  'SELECT 1 AS a -- one',
  'SELECT 1 AS a; -- one\n',
  'SELECT 1 AS a /* ; */ ;;',
])('the text of %j may stand in brackets', async (sql) => {
  const { engine } = await temporaryEngine()
  const { text } = await engine.inspectSelect(sql)
  expect(await engine.rows(`SELECT * FROM (${text}\n)`)).toEqual([{ a: 1 }])
})

test.each([
  ['', 'there is no statement where one SELECT belongs'],
  ['SELECT 1; SELECT 2', 'there are 2 statements where one SELECT belongs'],
  ['DELETE FROM t', 'the statement is no SELECT'],
])('%j is refused: %s', async (sql, message) => {
  const { engine } = await temporaryEngine()
  await expect(engine.inspectSelect(sql)).rejects.toMatchObject({ code: 'FTI_SQL_NOT_SELECT', message })
})

test('the caret stands right after letters outside ASCII', async () => {
  const { engine } = await temporaryEngine()
  const error = await engine.inspectSelect("SELECT 'ü🛫' FRO m").catch((caught: unknown) => caught)
  expect(error).toMatchObject({ detail: `LINE 1: SELECT 'ü🛫' FRO m\n${' '.repeat(25)}^` })
})
