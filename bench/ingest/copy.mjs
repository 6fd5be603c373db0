// The floor of what is kept: DuckDB reads a file and writes its rows as one Parquet file with the settings of a table's files, warm.
// No rule, no order, no digest, no sync to disk.
import { rmSync } from 'node:fs'
import { openEngine } from '../../dist/engine/index.js'
import { report, timed } from '../child.mjs'

const [folder, path] = process.argv.slice(2)
const engine = await openEngine({ tempDirectory: `${folder}/tmp`, allowedDirectories: [folder] })
const copy = () => engine.writeParquet(`SELECT * FROM '${path}'`, `${folder}/copy.parquet`)
await copy()
const { wallS, cpuS, result } = await timed(copy)
await engine.close()
rmSync(`${folder}/copy.parquet`)
report({ wallS, cpuS, rows: result.rows })
