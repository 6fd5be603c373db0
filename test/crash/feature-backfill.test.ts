import { expect, test } from 'vitest'
import { readSnapshot, tablePath } from '../../src/store/index.ts'
import { TemporaryProject } from '../feature/temporary-project.ts'
import { bundleScript } from '../script.ts'
import { follow } from './killed-program.ts'
import { fti } from './small-project.ts'

const days = 30
const day = (n: number) => `2013-01-${String(n).padStart(2, '0')}`
const midnight = (n: number) => `${day(n)}T00:00:00.000Z`
const words = ['feature', 'run', 'delays', '--from', day(1), '--to', day(days + 1)]

/** One row a day, but for the 5th. */
const source = Array.from({ length: days }, (_, n) => n + 1)
  .filter((n) => n !== 5)
  .map((n) => `JFK,${day(n)}T06:00:00Z,${n}\n`)

function backfilled(): TemporaryProject {
  return new TemporaryProject({
    delays: { incremental: { column: 'at', lookback: '1d' } },
    files: { 'data/flights.csv': `origin,at,delay\n${source.join('')}` },
  })
}

/** How many days the ledger covers, once it and the rows say the same. */
async function coveredDays(project: TemporaryProject): Promise<number> {
  const ledger = (await readSnapshot(tablePath(`${project.folder}/store`, 'delays', 1)))?.mark?.ledger
  const [covered, ...others] = ledger?.covered ?? []
  if (covered === undefined) return 0
  expect([covered.from, others]).toEqual([midnight(1), []])
  const last = Number(covered.to.slice(8, 10)) - 1
  const rows = await project.stored<{ at: string }>()
  expect(rows.map(({ at }) => at.slice(0, 10))).toEqual(
    Array.from({ length: last }, (_, n) => day(n + 1)).filter((each) => each !== day(5)),
  )
  return last
}

test('a backfill that is killed again and again goes on where it stopped, and ends with each row once', async () => {
  const project = backfilled()
  const clock = await bundleScript(new URL('./tell-calls.ts', import.meta.url))
  const stopped: number[] = []
  // The log's entry of a second day, the rows of a third, and the step after an entry, each counted from where the run began.
  for (const [call, at] of [
    [/^link .*_delta_log/, 2],
    [/^link .*parquet$/, 3],
    [/^rm .*_delta_log/, 2],
  ] as const) {
    let seen = 0
    const { signal, said } = await follow({ directory: project.folder, words, clock }, (child, what) => {
      if (call.test(what) && ++seen === at) child.kill('SIGKILL')
    })
    expect(signal, said).toBe('SIGKILL')
    stopped.push(await coveredDays(project))
  }
  // Each run went further than the one before it, and none to the end.
  expect(stopped).toEqual([...new Set(stopped)].sort((a, b) => a - b))
  expect(stopped.at(-1)).toBeLessThan(days)
  const last = JSON.parse(await fti(project.folder, ...words, '--json'))
  expect(last.data.groups[0].outcome.intervals[0].from).toBe(midnight((stopped.at(-1) ?? 0) + 1))
  expect(await coveredDays(project)).toBe(days)
  const whole = backfilled()
  await whole.runDelays()
  const values = async (of: TemporaryProject) =>
    (await of.stored<{ at: string; delay: number }>()).map(({ at, delay }) => [at, delay])
  expect(await values(project)).toEqual(await values(whole))
}, 120_000)
