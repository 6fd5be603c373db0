import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine, quoteText } from '../../engine/index.ts'

/** Rows of Parquet files of a table, from their footers; files that cannot be read are an FTI_SQL_FAILED that names them. */
export async function countRows(table: string, paths: readonly string[]): Promise<Map<string, number>> {
  const engine = await openEngine({ tempDirectory: tmpdir(), allowedDirectories: [table], threads: 1 })
  try {
    const byFile = new Map(paths.map((path) => [join(table, path), path]))
    const found = await engine.rows<{ file: string; rows: number }>(
      `SELECT file_name AS file, num_rows AS rows FROM parquet_file_metadata([${[...byFile.keys()].map(quoteText).join(', ')}])`,
    )
    return new Map(found.map(({ file, rows }) => [byFile.get(file) ?? file, rows]))
  } finally {
    await engine.close()
  }
}
