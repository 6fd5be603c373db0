import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Engine, type EngineOptions, openEngine } from '../../src/engine/index.ts'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fti-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An engine over one temporary folder, closed after the test. */
export async function temporaryEngine(
  options: Partial<EngineOptions> = {},
): Promise<{ engine: Engine; folder: string }> {
  const folder = temporaryFolder()
  const engine = await openEngine({
    tempDirectory: join(folder, 'spill'),
    allowedDirectories: [join(folder, 'data')],
    threads: 2,
    ...options,
  })
  onTestFinished(() => engine.close())
  return { engine, folder: join(folder, 'data') }
}
