import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { check } from '../../../src/operations/index.ts'
import { startWebServer } from '../../servers/web.ts'
import { TemporaryProject } from '../temporary-project.ts'

/** A project whose group `delays` reads this source. */
function projectOn(flights: object, sql?: string): TemporaryProject {
  const files = sql === undefined ? {} : { 'features/delays.sql': sql }
  return new TemporaryProject({ flights: { path: undefined, ...flights }, files })
}

const types = { origin: 'string', at: 'timestamp', delay: 'float64' }

test('a check asks no server and runs no program; it says what it could not tell', async () => {
  const server = await startWebServer((_request, response) => response.end('[]'))
  const script = `import { writeFileSync } from 'node:fs'; writeFileSync('ran', '')`
  for (const source of [
    { type: 'http', url: server.origin },
    { type: 'postgres', url: server.origin.replace('http', 'postgres'), table: 't' },
    { type: 'exec', command: [process.execPath, '-e', script] },
  ]) {
    const project = projectOn(source)
    const { problems, notChecked } = await check(await project.load())
    expect(problems).toEqual([])
    expect(notChecked).toEqual([{ group: 'delays', reason: `source 'flights' is asked for its columns only by a run` }])
    expect(existsSync(join(project.folder, 'ran'))).toBe(false)
  }
  expect(server.requests).toEqual([])
})

test('columns that are known without asking are checked: those of pushed rows, of documents, of a Delta table', async () => {
  const writer = new TemporaryProject()
  await writer.runDelays()
  const table = join(writer.folder, 'store/delays/v1')
  for (const source of [
    { type: 'push', types },
    { type: 'delta', path: table },
  ]) {
    expect(await check(await projectOn(source).load())).toMatchObject({ problems: [], notChecked: [] })
    const typo = await check(await projectOn(source, 'SELECT origin, "at", dealy AS delay FROM flights').load())
    expect(typo.problems).toMatchObject([
      { code: 'FTI_SQL_UNKNOWN_COLUMN', remedy: expect.stringContaining(`'delay'`) },
    ])
  }
  const documents = projectOn(
    { type: 'documents', path: 'docs' },
    'SELECT titel AS origin, modified AS "at", 1.0::DOUBLE AS delay FROM flights',
  )
  const { problems } = await check(await documents.load())
  expect(problems).toMatchObject([{ code: 'FTI_SQL_UNKNOWN_COLUMN', remedy: expect.stringContaining(`'title'`) }])
})
