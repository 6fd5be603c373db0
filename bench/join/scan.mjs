// The floor: reads every column of the features once warm, on all cores or on some.
import { openEngine } from '../../dist/engine/index.js'
import { report, timed } from '../child.mjs'

const [folder, threads] = process.argv.slice(2)
const engine = await openEngine({
  tempDirectory: `${folder}/tmp`,
  allowedDirectories: [folder],
  ...(threads && { threads: Number(threads) }),
})
const path = `${folder}/features.parquet`
const columns = await engine.describe(`SELECT * FROM '${path}'`)
// Sums, for a maximum would be read from the statistics.
const sums = columns.map(({ name, type }) => `sum(${type.startsWith('TIMESTAMP') ? `epoch_us(${name})` : name})`)
const scan = () => engine.rows(`SELECT ${sums.join(', ')} FROM '${path}'`)
await scan()
const { wallS, cpuS } = await timed(scan)
await engine.close()
report({ wallS, cpuS })
