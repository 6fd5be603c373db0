import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TemporaryProject } from '../temporary-project.ts'

const row = { origin: 'JFK', at: '2013-01-01T05:00:00Z', delay: 2.5 }

/** A project whose source is a Node program. */
function projectOf(script: string, flights: object = {}): TemporaryProject {
  const command = [process.execPath, 'fetch.mjs', 'a "b" $HOME;']
  return new TemporaryProject({
    flights: { type: 'exec', command, path: undefined, ...flights },
    files: { 'fetch.mjs': script, 'data/flights.csv': undefined },
  })
}

async function failure(script: string, flights: object = {}) {
  const project = projectOf(script, flights)
  const { error, status } = await project.runDelays()
  expect(status).toBe('failed')
  return error
}

test('what a program prints are the rows; it runs in the folder of the project, and no shell reads its arguments', async () => {
  const project = projectOf(`
    import { existsSync } from 'node:fs'
    if (process.argv[2] !== 'a "b" $HOME;' || !existsSync('fti.config.yaml')) process.exit(9)
    console.log(JSON.stringify(${JSON.stringify(row)}))`)
  expect((await project.runDelays()).error).toBeUndefined()
  expect(await project.stored()).toMatchObject([{ origin: 'JFK', delay: 2.5 }])
})

test('a program may print Parquet', async () => {
  const writer = new TemporaryProject()
  await writer.runDelays()
  const parquet = join(writer.folder, 'store/delays/v1')
  const reader = projectOf(
    `
    import { readFileSync, readdirSync } from 'node:fs'
    const folder = ${JSON.stringify(parquet)}
    const name = readdirSync(folder).find((file) => file.endsWith('.parquet'))
    process.stdout.write(readFileSync(folder + '/' + name))`,
    { output: 'parquet' },
  )
  expect((await reader.runDelays()).error).toBeUndefined()
  expect(await reader.stored()).toHaveLength(3)
})

test('the same output again is nothing to do', async () => {
  const project = projectOf(`console.log(${JSON.stringify(JSON.stringify(row))})`)
  expect((await project.runDelays()).status).toBe('committed')
  expect((await project.runDelays()).status).toBe('nothing to do')
})

test('a program that ends with an error is named, with the end of what it said', async () => {
  const error = await failure(`
    console.log(${JSON.stringify(JSON.stringify(row))})
    for (let i = 0; i < 1000; i++) console.error('line ' + i)
    process.exitCode = 3`)
  expect(error).toMatchObject({ code: 'FTI_SOURCE_COMMAND', exit: 6, place: 'sources.flights.command' })
  expect(error?.message).toBe(`the program of source 'flights' ended with 3`)
  expect(error?.detail).toContain('line 999')
  expect(error?.detail?.split('\n').length).toBeLessThanOrEqual(20)
})

test('a program that never ends is ended, with what it has started', async () => {
  const script = `
    import { spawn } from 'node:child_process'
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
    setInterval(() => {}, 1000)`
  const error = await failure(script, { timeout: '300ms' })
  expect(error?.message).toBe(`the program of source 'flights' was ended after 300ms`)
})

test('a program that does not exist says so', async () => {
  const error = await failure('', { command: ['./no-such-program'] })
  expect(error).toMatchObject({ code: 'FTI_SOURCE_MISSING', exit: 6 })
  expect((await failure('', { command: ['./fetch.mjs'] }))?.code).toBe('FTI_SOURCE_COMMAND')
})

test.each([
  ['garbage', 'ndjson', `process.stdout.write('<html>\\n')`, 'FTI_SOURCE_UNREADABLE'],
  [
    'bytes that are no text',
    'ndjson',
    `process.stdout.write(Buffer.from([0x7b, 0xff, 0xfe]))`,
    'FTI_SOURCE_UNREADABLE',
  ],
  ['nothing', 'ndjson', '', 'FTI_SOURCE_EMPTY'],
  ['half a Parquet file', 'parquet', `process.stdout.write('PAR1' + 'x'.repeat(500))`, 'FTI_SOURCE_UNREADABLE'],
])('%s in place of rows is an error of the source', async (_what, output, script, code) => {
  const error = await failure(script, { output })
  expect(error).toMatchObject({ code, place: expect.stringContaining('output of node') })
})

test('reading the project file runs no program', async () => {
  const project = projectOf(`import { writeFileSync } from 'node:fs'; writeFileSync('ran', '')`)
  await project.load()
  expect(existsSync(join(project.folder, 'ran'))).toBe(false)
})
