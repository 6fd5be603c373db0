// Commits so many batches to a table, then measures: the snapshot from the log alone, and the sum of every value.
// Arguments: folder, commits. Prints medians in milliseconds as JSON.
import { join } from 'node:path'
import process from 'node:process'
import { openEngine } from '../../dist/engine/index.js'
import { commitTable } from '../../dist/store/delta/commit.js'
import { checkpointWhenDue } from '../../dist/store/delta/write-checkpoint.js'
import {
  commitRows,
  optimizeStore,
  publishContract,
  rawRelation,
  readSnapshot,
  tablePath,
} from '../../dist/store/index.js'
import { attemptCommits } from '../../dist/store/rows/commit-attempts.js'
import { report } from '../child.mjs'

const [folder, count] = [process.argv[2], Number(process.argv[3])]
const root = join(folder, 'store')
const tempDirectory = join(folder, 'spill')
const features = Array.from({ length: 10 }, (_, index) => ({ name: `f${index}`, type: 'float64', nullable: true }))
const contract = {
  ...{ group: 'readings', entity: { name: 'meter', key: { meter: 'int64' } }, isStatic: false, eventTime: 'at' },
  ...{ availability: { kind: 'after', lagMs: 0 }, features, expectations: { rows: [], batch: [] } },
}
const now = new Date('2013-01-01T00:00:00Z')
const published = await publishContract(root, contract, { version: 1, changes: [], class: 'first', by: 'bench', now })
const table = tablePath(root, 'readings', 1)
const engine = await openEngine({ tempDirectory, allowedDirectories: [root] })
const rowsOf = (commit) => {
  const time = new Date(now.getTime() + commit * 3_600_000).toISOString()
  const values = features.map(({ name }, index) => `sin(i * ${index + 1} + ${commit}) AS ${name}`)
  return `SELECT i AS meter, TIMESTAMPTZ '${time}' AS "at", ${values.join(', ')}, TIMESTAMPTZ '${time}' AS _available_at,
    TIMESTAMPTZ '${time}' AS _committed_at, ${commit * 1000} + i + 1 AS _sequence FROM range(1000) r(i)`
}
const first = `SELECT *, _available_at AS _declared_available_at FROM (${rowsOf(0)})`
const input = { inputDigest: 'first', runId: 'bench', clock: () => now }
await commitRows({ engine, root, contract: published, candidate: first, ...input })
// The same commits without comparing each with all that is there, which would take most of the time.
for (let commit = 1; commit < count; commit++) {
  await attemptCommits(table, {}, async (writer) => {
    const snapshot = await readSnapshot(table)
    const add = [await writer.write(engine, rowsOf(commit))]
    await checkpointWhenDue(engine, snapshot)
    return commitTable(snapshot, {
      operation: 'WRITE',
      now,
      add,
      mark: { inputDigest: String(commit), restatedEver: 0 },
    })
  })
}

/** Plans and readings by turns, so that what else the machine does hits both alike. */
async function measure() {
  const plan = []
  const read = []
  for (let round = 0; round < 9; round++) {
    const started = performance.now()
    const snapshot = await readSnapshot(table)
    plan.push(performance.now() - started)
    const begun = performance.now()
    const sums = features.map(({ name }) => `sum(${name})`).join(', ')
    await engine.rows(`SELECT count(*), ${sums}, max("at"), sum(meter) FROM (${rawRelation(snapshot, contract)})`)
    read.push(performance.now() - begun)
  }
  return { plan: median(plan), read: median(read) }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

const many = await measure()
await optimizeStore({ root, tempDirectory, groups: [], now: new Date('2014-01-01T00:00:00Z') })
const one = await measure()
await engine.close()
report({ many, one })
