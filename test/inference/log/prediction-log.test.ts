import { execFile } from 'node:child_process'
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { currentProcess } from '../../../src/base/index.ts'
import { type LogTrouble, PredictionLog } from '../../../src/inference/log/prediction-log.ts'
import { instance, openSite, post, type Site, until } from '../serving.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fti-log-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const segments = (path = directory) =>
  readdirSync(path)
    .filter((name) => /\.(live|ndjson)$/.test(name))
    .sort()
/** Whole lines on disk; behind those of a live segment there are zeros. */
const linesIn = (path = directory) =>
  segments(path).flatMap((name) => readFileSync(join(path, name), 'utf8').replace(/\0+$/, '').split('\n').slice(0, -1))
const append = (log: PredictionLog, text: string) => new Promise<void>((resolve) => log.append(`${text}\n`, 1, resolve))

describe('the log', () => {
  test('has a line on disk when its append is done', async () => {
    const log = await PredictionLog.open({ directory, mode: 'durable' })
    await append(log, '{"n":1}')
    expect(linesIn()).toEqual(['{"n":1}'])
    await log.close()
  })

  test('syncs once for many lines that come together', async () => {
    const log = await PredictionLog.open({ directory, mode: 'durable' })
    await Promise.all(Array.from({ length: 500 }, (_, i) => append(log, String(i))))
    expect(log.count()).toMatchObject({ lines: 500, lost: 0 })
    expect(log.count().groups).toBeLessThan(5)
    expect(linesIn()).toEqual(Array.from({ length: 500 }, (_, i) => String(i)))
    await log.close()
  })

  test('writes what is buffered when it is closed', async () => {
    const log = await PredictionLog.open({ directory, mode: 'buffered' })
    for (let i = 0; i < 100; i++) log.append(`${i}\n`, 1, () => undefined)
    await log.close()
    expect(linesIn()).toHaveLength(100)
  })

  test('goes on in a new segment when one is full, and loses no line between', async () => {
    const log = await PredictionLog.open({ directory, mode: 'durable', maxSegmentBytes: 100 })
    for (let i = 0; i < 50; i++) await append(log, String(i).padStart(19, '0'))
    await log.close()
    expect(segments().length).toBe(10)
    expect(linesIn().map(Number)).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })

  test('leaves no empty segment behind', async () => {
    await (await PredictionLog.open({ directory, mode: 'durable' })).close()
    expect(readdirSync(directory)).toEqual([])
  })

  test('gives a finished segment its final name, and nothing but lines in it', async () => {
    const log = await PredictionLog.open({ directory, mode: 'durable' })
    await append(log, 'a')
    expect(segments()[0]).toMatch(/\.live$/)
    await log.close()
    expect(readdirSync(directory)).toEqual([expect.stringMatching(/\.ndjson$/)])
    expect(readFileSync(join(directory, segments()[0] ?? ''), 'utf8')).toBe('a\n')
  })

  test('takes a group that is larger than the space taken ahead', async () => {
    const log = await PredictionLog.open({ directory, mode: 'durable' })
    const large = 'x'.repeat(3_000_000)
    await append(log, large)
    await append(log, 'y')
    await log.close()
    expect(linesIn()).toEqual([large, 'y'])
  })

  test('refuses at once a folder that cannot be made', async () => {
    writeFileSync(join(directory, 'file'), '')
    await expect(PredictionLog.open({ directory: join(directory, 'file'), mode: 'durable' })).rejects.toThrow()
  })
})

describe('after a crash, the log', () => {
  test('has lost no line that was acknowledged before a kill', async () => {
    const room = join(import.meta.dirname, '../../../src/inference/log/prediction-log.ts')
    const script = join(directory, 'killed.mjs')
    writeFileSync(
      script,
      `import { createJiti } from ${JSON.stringify(import.meta.resolve('jiti'))}
       import { writeSync } from 'node:fs'
       const { PredictionLog } = await createJiti(import.meta.url).import(${JSON.stringify(room)})
       const log = await PredictionLog.open({ directory: ${JSON.stringify(join(directory, 'log'))}, mode: 'durable' })
       setTimeout(() => process.kill(process.pid, 'SIGKILL'), 150)
       for (let i = 0; ; i++) await new Promise((resolve) => log.append(i + '\\n', 1, () => { writeSync(1, i + '\\n'); resolve() }))`,
    )
    const killed = (await promisify(execFile)(process.execPath, [script]).catch((error: unknown) => error)) as {
      stdout: string
      signal: string
    }
    expect(killed.signal).toBe('SIGKILL')
    const acknowledged = killed.stdout.trim().split('\n')
    expect(acknowledged.length).toBeGreaterThan(10)
    const path = join(directory, 'log')
    expect(linesIn(path).slice(0, acknowledged.length)).toEqual(acknowledged)
    await (await PredictionLog.open({ directory: path, mode: 'durable' })).close()
    expect(readdirSync(path)).toEqual([expect.stringMatching(/\.ndjson$/)])
    expect(linesIn(path).slice(0, acknowledged.length)).toEqual(acknowledged)
  })

  test.each([
    ['half a line', 'a\nb\nc', 'a\nb\n'],
    ['zeros behind the lines', 'a\nb\n\0\0\0', 'a\nb\n'],
    ['a hole before a line that nobody was promised', 'a\n\0\0\0\0c\n', 'a\n'],
  ])('of a dead writer with %s is cut behind its last whole line', async (_what, left, kept) => {
    const dead = { ...currentProcess(), boot: 'another' }
    writeFileSync(join(directory, 'dead.owner'), JSON.stringify(dead))
    writeFileSync(join(directory, 'dead.live'), left)
    await (await PredictionLog.open({ directory, mode: 'durable' })).close()
    expect(readdirSync(directory)).toEqual(['dead.ndjson'])
    expect(readFileSync(join(directory, 'dead.ndjson'), 'utf8')).toBe(kept)
  })

  test('of a dead writer is repaired by several servers that start at once', async () => {
    const dead = JSON.stringify({ ...currentProcess(), boot: 'another' })
    for (let i = 0; i < 20; i++) {
      writeFileSync(join(directory, `${i}.owner`), dead)
      writeFileSync(join(directory, `${i}.live`), `${i}\n`)
    }
    writeFileSync(join(directory, 'x.owner'), dead)
    const logs = await Promise.all(Array.from({ length: 4 }, () => PredictionLog.open({ directory, mode: 'durable' })))
    for (const log of logs) await log.close()
    expect(readdirSync(directory).sort()).toEqual(Array.from({ length: 20 }, (_, i) => `${i}.ndjson`).sort())
    expect(linesIn().sort()).toEqual(Array.from({ length: 20 }, (_, i) => String(i)).sort())
  })

  test('next to it leaves the segment of a live writer alone', async () => {
    const other = await PredictionLog.open({ directory, mode: 'durable' })
    await append(other, 'a')
    await (await PredictionLog.open({ directory, mode: 'durable' })).close()
    await append(other, 'b')
    await other.close()
    expect(linesIn()).toEqual(['a', 'b'])
  })
})

describe('when the disk is full', () => {
  /** A device that answers every write with ENOSPC stands in for the segment. */
  async function onFullDisk(troubles: LogTrouble[]): Promise<PredictionLog> {
    const log = await PredictionLog.open({ directory, mode: 'durable', onTrouble: (trouble) => troubles.push(trouble) })
    Object.assign((log as unknown as { segment: object }).segment, { descriptor: openSync('/dev/full', 'w') })
    return log
  }

  test('an append is done all the same, its line counted as lost and the trouble told once', async () => {
    const troubles: LogTrouble[] = []
    const log = await onFullDisk(troubles)
    await append(log, 'a')
    await append(log, 'b')
    expect(log.count()).toMatchObject({ lines: 0, lost: 2 })
    expect(troubles).toMatchObject([{ kind: 'failed', error: { code: 'ENOSPC' } }])
    await log.close()
  })

  test('a new segment is tried after a while, and the recovery told', async () => {
    const troubles: LogTrouble[] = []
    const log = await onFullDisk(troubles)
    await append(log, 'a')
    await new Promise((resolve) => setTimeout(resolve, 1100))
    await append(log, 'b')
    await until(() => troubles.length > 1)
    await append(log, 'c')
    expect(troubles.map(({ kind }) => kind)).toEqual(['failed', 'recovered'])
    await log.close()
    expect(linesIn()).toEqual(['c'])
  })
})

describe('a server with a log', () => {
  let site: Site
  beforeEach(async () => {
    site = await openSite()
  })
  afterEach(() => site.close())

  test('has written what it answered before it answers', async () => {
    const server = await site.start({ log: { directory: site.logs } })
    const { body } = await post(server, { instances: [instance, { ...instance, tailnum: 'N404' }] })
    const records = linesIn(site.logs).map((line) => JSON.parse(line))
    expect(records).toEqual([
      {
        id: body.requestId,
        time: expect.stringMatching(/Z$/),
        now: '2013-12-12T12:00:00.000Z',
        service: 'late_departure',
        model: 'late_departure@1',
        n: 0,
        instance,
        values: [12.5, 20, 180, 'UA', 1400, 0, 13],
        ages: { airport_departures: 600_000, aircraft: null },
        output: body.predictions[0].probability,
        us: expect.any(Number),
      },
      expect.objectContaining({
        id: body.requestId,
        n: 1,
        imputed: ['aircraft'],
        output: body.predictions[1].probability,
      }),
    ])
  })

  test('writes nothing for a request that it refuses', async () => {
    const server = await site.start({ log: { directory: site.logs } })
    await post(server, { instances: [] })
    await server.close()
    expect(segments(site.logs)).toEqual([])
  })

  test('makes no folder when the log is off', async () => {
    const server = await site.start({ log: { directory: site.logs, mode: 'off' } })
    expect((await post(server, { instances: [instance] })).status).toBe(200)
    expect(() => readdirSync(site.logs)).toThrow('ENOENT')
  })

  test('counts its lines in the metrics', async () => {
    const server = await site.start({ log: { directory: site.logs, mode: 'buffered' } })
    await post(server, { instances: [instance] })
    await new Promise((resolve) => setTimeout(resolve, 150))
    const text = await (await fetch(`${server.url}/metrics`)).text()
    expect(text).toMatch(/^fti_prediction_log_lines_total\{.*\} 1$/m)
  })
})
