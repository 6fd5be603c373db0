import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryEngine } from './temporary-engine.ts'

async function prepared() {
  const { engine, folder } = await temporaryEngine()
  mkdirSync(folder)
  writeFileSync(join(folder, 'in.csv'), 'a,b\n1,2\n')
  writeFileSync(join(folder, '../outside.csv'), 's\nsecret\n')
  symlinkSync('/etc/passwd', join(folder, 'link.csv'))
  symlinkSync('/etc', join(folder, 'linkdir'))
  return { engine, folder }
}

const reads = [
  `SELECT count(*) FROM read_csv('/etc/passwd', sep = ':', header = false)`,
  `SELECT count(*) FROM read_text('/etc/passwd')`,
  `SELECT count(*) FROM read_blob('/etc/passwd')`,
  `SELECT * FROM sniff_csv('/etc/passwd')`,
  `SELECT count(*) FROM glob('/etc/*')`,
  `SELECT count(*) FROM '/etc/passwd'`,
  `SELECT count(*) FROM read_text('ROOT/../outside.csv')`,
  `SELECT count(*) FROM read_text('ROOT/link.csv')`,
  `SELECT count(*) FROM read_text('ROOT/linkdir/passwd')`,
  `SELECT * FROM read_csv('http://127.0.0.1:9/x')`,
  `FROM query('SELECT count(*) FROM read_text(''/etc/passwd'')')`,
]

const writes = [
  `COPY (SELECT 1) TO 'TMP/evil.csv'`,
  `COPY (SELECT 'x') TO 'ROOT/../evil.csv'`,
  `ATTACH 'TMP/evil.db' AS e`,
  `EXPORT DATABASE 'TMP/evil_dir'`,
  `CALL enable_logging('all', storage = 'file', storage_path = 'TMP/evil_log')`,
]

const settings = [
  'INSTALL httpfs',
  'LOAD httpfs',
  `LOAD '/tmp/x.duckdb_extension'`,
  'SET enable_external_access = true',
  `SET allowed_directories = ['/']`,
  `SET memory_limit = '100GB'`,
  `SET temp_directory = '/tmp/evil'`,
  `SET profiling_output = '/tmp/evil.json'`,
  'SET lock_configuration = false',
  'RESET allowed_directories',
  `SET TimeZone = 'America/New_York'`,
]

describe('a locked engine', () => {
  test('reads files of its folders', async () => {
    const { engine, folder } = await prepared()
    expect(await engine.rows(`SELECT a + b AS sum FROM read_csv('${folder}/in.csv')`)).toEqual([{ sum: 3 }])
  })

  test.each(reads)('refuses to read elsewhere: %s', async (sql) => {
    const { engine, folder } = await prepared()
    const error = await engine.rows(sql.replace('ROOT', folder)).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: 'FtiError', code: expect.stringMatching(/^FTI_SQL_(REFUSED|FAILED)$/) })
  })

  test.each(writes)('refuses to write elsewhere: %s', async (sql) => {
    const { engine, folder } = await prepared()
    const outside = join(folder, '..')
    await expect(engine.execute(sql.replace('ROOT', folder).replace('TMP', outside))).rejects.toThrow()
    for (const name of ['evil.csv', 'evil.db', 'evil_dir', 'evil_log'])
      expect(existsSync(join(outside, name))).toBe(false)
  })

  test.each(settings)('cannot be unlocked: %s', async (sql) => {
    const { engine } = await prepared()
    await expect(engine.execute(sql)).rejects.toThrow()
  })

  test('shows no variable of the environment and runs no macro over a foreign file', async () => {
    const { engine } = await prepared()
    await expect(engine.rows(`SELECT getenv('HOME')`)).rejects.toThrow()
    await expect(
      engine
        .execute(`CREATE MACRO m() AS TABLE SELECT * FROM read_text('/etc/passwd')`)
        .then(() => engine.rows('SELECT * FROM m()')),
    ).rejects.toThrow()
  })

  test('does not take a folder whose name begins alike for an allowed one', async () => {
    const { engine, folder } = await prepared()
    mkdirSync(`${folder}base`)
    writeFileSync(join(`${folder}base`, 'x.csv'), 'a\n1\n')
    await expect(engine.rows(`SELECT * FROM '${folder}base/x.csv'`)).rejects.toMatchObject({ code: 'FTI_SQL_REFUSED' })
  })
})
