import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'

const bin = join(import.meta.dirname, '../../bin/run.js')

function projectFolder(): string {
  const cwd = mkdtempSync(join(tmpdir(), 'fti-follow-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  mkdirSync(join(cwd, 'features'))
  writeFileSync(join(cwd, 'features/ratings.sql'), 'SELECT * FROM rows')
  writeFileSync(join(cwd, 'features/recent.sql'), 'SELECT * FROM ratings')
  writeFileSync(
    join(cwd, 'fti.config.yaml'),
    `project: follow
sources:
  rows: { type: push, types: { station: string, at: timestamp, stars: int32 } }
entities:
  station: { key: { station: string } }
featureGroups:
  ratings:
    { entity: station, transform: features/ratings.sql, eventTime: at, availableAt: at, features: { stars: int32 } }
  recent:
    entity: station
    transform: features/recent.sql
    eventTime: at
    availableAt: at
    features:
      ratings: { type: int64, aggregate: { count: '*', over: 1h } }
      mean: { type: float64, aggregate: { mean: stars, over: 10m } }
`,
  )
  return cwd
}

const line = (n: number) =>
  `{"station":"s${n % 3}","at":"2025-01-01T00:${String(n).padStart(2, '0')}:00Z","stars":${(n * 7) % 5}}\n`
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

/** `fti feature push ratings --follow --json` with a pipe that stays open. */
class Follower {
  readonly child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(cwd: string, ...flags: string[]) {
    const args = [bin, 'feature', 'push', 'ratings', '--follow', '--json', ...flags]
    this.child = spawn(process.execPath, args, { cwd, stdio: ['pipe', 'pipe', 'ignore'] })
    // A pipe to a program that was killed.
    this.child.stdin?.on('error', () => {})
    const { stdout } = this.child
    if (stdout === null) throw new Error('no pipe')
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  }

  async feed(rows: readonly number[], everyMs = 0): Promise<void> {
    for (const n of rows) {
      this.child.stdin?.write(line(n))
      if (everyMs > 0) await sleep(everyMs)
    }
  }

  /** The next line of standard output. */
  async said(): Promise<{ schema: string; data: Record<string, unknown> }> {
    return JSON.parse((await this.#lines.next()).value)
  }

  async summary(): Promise<Record<string, unknown>> {
    for (let said = await this.said(); ; said = await this.said()) if (said.schema.includes('summary')) return said.data
  }
}

function fti(cwd: string, words: readonly string[], input?: string) {
  const { stdout } = spawnSync(process.execPath, [bin, ...words, '--json'], { cwd, encoding: 'utf8', input })
  return JSON.parse(stdout).data
}

function online(cwd: string): unknown[] {
  const keys = [
    ['ratings', 's0'],
    ['recent', 's0'],
    ['recent', 's1'],
  ]
  return keys.map(([group = '', key]) => fti(cwd, ['feature', 'get', group, '--key', `station=${key}`]).online.values)
}

test('a stream that is killed and begun again with some rows twice serves what one push of all rows serves', async () => {
  const [cwd, whole] = [projectFolder(), projectFolder()]
  const killed = new Follower(cwd, '--batch-rows', '4', '--batch-seconds', '1')
  const feeding = killed.feed(numbers(0, 40), 40)
  expect(await killed.said()).toMatchObject({ schema: 'fti.feature.push.batch/1', data: { batch: 1, firstLine: 1 } })
  // In the middle of the next batch, more or less.
  await sleep(300 + Math.random() * 700)
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
  await feeding
  const again = new Follower(cwd, '--batch-rows', '15')
  await again.feed(numbers(2, 60))
  again.child.stdin?.end()
  expect(await again.summary()).toMatchObject({ end: 'input', lastLine: 58, quarantined: 0 })
  fti(whole, ['feature', 'push', 'ratings'], numbers(0, 60).map(line).join(''))
  fti(whole, ['feature', 'run', 'recent'])
  expect(online(cwd)).toEqual(online(whole))
  const counted = (folder: string) =>
    fti(folder, ['sql', 'select count(*) as n, count(distinct (station, "at")) as keys from ratings__history']).rows
  expect(counted(cwd)).toEqual(counted(whole))
}, 300_000)

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s commits the whole lines that were read, says how many, and ends with 0',
  async (signal) => {
    const cwd = projectFolder()
    const follower = new Follower(cwd, '--batch-rows', '3', '--batch-seconds', '600')
    follower.child.stdin?.write(numbers(0, 5).map(line).join('') + line(5).slice(0, 20))
    // With the first three lines it has read all that was written.
    await follower.said()
    follower.child.kill(signal)
    const summary = await follower.summary()
    expect(summary).toMatchObject({ end: 'stopped', batches: 2, lastLine: 5, appended: 5 })
    const [exit] = follower.child.exitCode === null ? await once(follower.child, 'exit') : [follower.child.exitCode]
    expect(exit).toBe(0)
  },
  120_000,
)
