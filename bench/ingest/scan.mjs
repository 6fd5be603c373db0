// The floor: DuckDB counts the rows of a file and sums all its columns, warm, and keeps nothing.
import { openEngine } from '../../dist/engine/index.js'
import { report, timed } from '../child.mjs'

const [folder, path] = process.argv.slice(2)
const engine = await openEngine({ tempDirectory: `${folder}/tmp`, allowedDirectories: [folder] })
const number = (name, type) => {
  if (type === 'VARCHAR') return `length(${name})`
  return type.startsWith('TIMESTAMP') ? `epoch_us(${name})` : name
}
const columns = await engine.describe(`SELECT * FROM '${path}'`)
const sums = columns.map(({ name, type }) => `sum(${number(name, type)})`)
const scan = () => engine.rows(`SELECT count(*) AS rows, ${sums.join(', ')} FROM '${path}'`)
await scan()
const { wallS, cpuS, result } = await timed(scan)
await engine.close()
report({ wallS, cpuS, rows: result[0].rows })
