import { join } from 'node:path'
import { openEngine } from '../../src/engine/index.ts'
import { openDataWriter } from '../../src/store/data-writer.ts'

// A process of its own that puts a file into a table's folder and is killed before it commits.
const root = process.argv[2] ?? ''
const engine = await openEngine({ tempDirectory: join(root, '../spill'), allowedDirectories: [root] })
const writer = await openDataWriter(join(root, 'delays/v1'))
await writer.write(engine, 'SELECT 1 AS lost')
process.kill(process.pid, 'SIGKILL')
