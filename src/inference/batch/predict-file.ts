import { dirname, resolve } from 'node:path'
import { openStaging, type TaskReporter, throwIfCancelled } from '../../base/index.ts'
import { openEngine } from '../../engine/index.ts'
import { type OnlineLocation, openOnlineReader } from '../../online/index.ts'
import { loadScorer, toSignatureLookup } from '../../scoring/index.ts'
import { checkReplay, servingClock } from '../clock.ts'
import { openInstanceFile } from './instance-file.ts'
import { checkOutput, writeOutput } from './output-file.ts'
import { scoreRows } from './score-rows.ts'

export interface BatchRequest {
  readonly registry: string
  readonly online: OnlineLocation
  readonly model: string
  readonly version: number
  /** csv, ndjson or parquet, by the ending; the first two also with .gz behind it. */
  readonly input: string
  /** csv, ndjson or parquet, by the ending. Replaced when it exists. */
  readonly output: string
  /** Replay clock: ages count from this moment. */
  readonly now?: Date | undefined
  readonly onUnknownEntity: 'impute' | 'refuse'
  /** Folder to spill into. */
  readonly tempDirectory: string
  readonly task: TaskReporter
  readonly signal?: AbortSignal | undefined
}

export interface BatchResult {
  readonly model: string
  readonly output: string
  readonly rows: number
  /** Rows in which features were imputed: an entity was unknown, or its values too old. */
  readonly imputed: number
}

/**
 * Scores every row of a file with the code that answers requests, and writes the rows with their predictions to another
 * file, which appears whole or not at all. Errors: FTI_INPUT_INVALID with the row, FTI_OUTPUT_REFUSED, FTI_ENTITY_UNKNOWN.
 */
export async function predictFile(request: BatchRequest): Promise<BatchResult> {
  const input = resolve(request.input)
  const output = resolve(request.output)
  const { tempDirectory, signal } = request
  await checkOutput(input, output)
  const scorer = await loadScorer(request)
  const staging = await openStaging(dirname(output))
  const engine = await openEngine({ tempDirectory, allowedDirectories: [dirname(input), staging.path] })
  const reader = await openOnlineReader(request.online)
  try {
    const clock = servingClock(request.now)
    checkReplay(clock, scorer.signature, reader)
    const file = await openInstanceFile(engine, input, scorer.signature)
    const counts = await scoreRows(engine, scorer, file, {
      lookup: toSignatureLookup(reader),
      nowMs: clock.nowMs(),
      onUnknownEntity: request.onUnknownEntity,
      task: request.task,
      signal,
    })
    throwIfCancelled(signal)
    const model = `${scorer.model}@${scorer.version}`
    await writeOutput(engine, { folder: staging.path, output, file, model, signature: scorer.signature })
    return { model, output, ...counts }
  } finally {
    await reader.close()
    await engine.close()
    await staging.discard()
    scorer.close()
  }
}
