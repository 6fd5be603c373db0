import { totalmem } from 'node:os'
import { openStaging, removeDeadStaging } from '../base/index.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { lockDown } from './lock-down.ts'

/** Opens an in-memory DuckDB and locks it: from here on SQL reaches the allowed folders and nothing else. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  // DuckDB names its spill files alike in every process, so each engine needs a folder of its own.
  const spill = await openStaging(options.tempDirectory)
  await removeDeadStaging(options.tempDirectory)
  const { startDuckDB } = await import('./duckdb-engine.ts')
  return await startDuckDB(lockDown(options, spill.path, options.memoryLimitBytes ?? memoryBytes() / 2), () =>
    spill.discard(),
  )
}

/** What this process may have: the machine's memory, or less in a container, which would be killed beyond its limit. */
function memoryBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/** Version of DuckDB, such as `v1.5.5`. */
export async function engineVersion(): Promise<string> {
  const { version } = await import('@duckdb/node-api')
  return version()
}
