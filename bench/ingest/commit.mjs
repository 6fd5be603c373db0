// The store's part of ingest alone: a file's rows read, held against keys and times and what is stored, and committed to an
// empty store. No rules of the contract, no profile, nothing online. The contract is the one that `fti feature run` published.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { newId } from '../../dist/base/index.js'
import { openEngine } from '../../dist/engine/index.js'
import { commitRows, latestContract } from '../../dist/store/index.js'
import { report, timed } from '../child.mjs'

const [project, file] = process.argv.slice(2)
const contract = await latestContract(join(project, 'store'), 'customer_events')
const root = join(project, 'committed')
const engine = await openEngine({ tempDirectory: join(project, '.fti', 'tmp'), allowedDirectories: [project] })
const { wallS, cpuS, result } = await timed(() =>
  commitRows({
    engine,
    root,
    contract,
    candidate: `(SELECT *, known_at AS _declared_available_at FROM '${file}')`,
    inputDigest: 'bench',
    runId: newId(),
    clock: () => new Date(),
  }),
)
await engine.close()
rmSync(root, { recursive: true })
report({ wallS, cpuS, rows: result.appended })
