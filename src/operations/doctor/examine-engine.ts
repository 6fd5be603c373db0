import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engineVersion, openEngine, quoteText } from '../../engine/index.ts'
import type { Diagnosis } from './diagnosis.ts'

/** Whether DuckDB loads, and whether a Parquet file that it writes reads back the same. */
export async function examineEngine(): Promise<Omit<Diagnosis, 'check'>> {
  const directory = await mkdtemp(join(tmpdir(), 'fti-doctor-'))
  try {
    const engine = await openEngine({ tempDirectory: directory, allowedDirectories: [directory], threads: 1 })
    try {
      const path = join(directory, 'trial.parquet')
      await engine.writeParquet('SELECT range AS n FROM range(1000)', path)
      const [row] = await engine.rows<{ total: number }>(`SELECT sum(n)::BIGINT AS total FROM ${parquet(path)}`)
      if (row?.total !== 499500) return { state: 'fail', found: 'a Parquet file does not read back as it was written' }
      return { state: 'ok', found: `DuckDB ${await engineVersion()}, Parquet reads back as written` }
    } finally {
      await engine.close()
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function parquet(path: string): string {
  return `read_parquet([${quoteText(path)}])`
}
