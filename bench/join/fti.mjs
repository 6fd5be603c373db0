// Our join with one plan, from Parquet to Parquet. `leaky` ignores when values became known, as most tools do. With a memory
// limit in GiB.
import { openEngine } from '../../dist/engine/index.js'
import { pointInTimeJoin } from '../../dist/store/index.js'
import { report, timed } from '../child.mjs'

const [folder, plan, leaky, memoryGiB] = process.argv.slice(2)
const features = Array.from({ length: 10 }, (_, n) => `f${n}`)
const engine = await openEngine({
  tempDirectory: `${folder}/tmp`,
  allowedDirectories: [folder],
  ...(memoryGiB && { memoryLimitBytes: Number(memoryGiB) * 2 ** 30 }),
})
const joined = await timed(() =>
  pointInTimeJoin(engine, {
    spine: `SELECT * FROM '${folder}/spine.parquet'`,
    time: 't',
    groups: [
      {
        relation: `SELECT * FROM '${folder}/features.parquet'`,
        name: 'features',
        on: { entity: 'entity' },
        pick: features.map((feature) => ({ feature, column: feature })),
        eventTime: 'event_time',
        isStatic: false,
        maxAgeMs: 30 * 86_400_000,
      },
    ],
    output: 'joined',
    plan,
    ignoreAvailableAt: leaky === 'leaky',
  }),
)
const written = await timed(() => engine.writeParquet('SELECT * FROM joined', `${folder}/fti.parquet`))
const sums = features.map((feature) => `sum(${feature})::DOUBLE AS ${feature}`).join(', ')
const [check] = await engine.rows(`SELECT count(*) AS rows, count(f0) AS hits, ${sums} FROM '${folder}/fti.parquet'`)
await engine.close()
const { matched, tooOld, plan: used } = joined.result.groups[0]
const cpuS = joined.cpuS + written.cpuS
report({ wallS: joined.wallS + written.wallS, joinS: joined.wallS, cpuS, matched, tooOld, plan: used, check })
