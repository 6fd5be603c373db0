import { dirname, resolve } from 'node:path'
import { openStaging, removeDeadStaging, type TaskReporter, throwIfCancelled } from '../../base/index.ts'
import { type Engine, openEngine } from '../../engine/index.ts'
import { type OnlineLocation, type OnlineReader, openOnlineReader } from '../../online/index.ts'
import { loadScorer, type Scorer } from '../../scoring/index.ts'
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
  await checkOutput(input, output)
  const scorer = await loadScorer(request)
  const closers: (() => Promise<void> | void)[] = [() => scorer.close()]
  try {
    const folder = dirname(output)
    const staging = await openStaging(folder)
    closers.push(() => staging.discard())
    await removeDeadStaging(folder)
    const { tempDirectory } = request
    const engine = await openEngine({ tempDirectory, allowedDirectories: [dirname(input), staging.path] })
    closers.push(() => engine.close())
    const reader = await openOnlineReader(request.online)
    closers.push(() => reader.close())
    return await predict({ ...request, input, output }, { scorer, engine, reader, folder: staging.path })
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

interface Opened {
  readonly scorer: Scorer
  readonly engine: Engine
  readonly reader: OnlineReader
  /** Out of sight, beside the output. */
  readonly folder: string
}

async function predict(request: BatchRequest, { scorer, engine, reader, folder }: Opened): Promise<BatchResult> {
  const { input, output, onUnknownEntity, task, signal } = request
  const { signature } = scorer
  const clock = servingClock(request.now)
  await checkReplay(clock, signature, reader)
  const file = await openInstanceFile(engine, input, signature, signal)
  const counts = await scoreRows(engine, scorer, file, { reader, nowMs: clock.nowMs(), onUnknownEntity, task, signal })
  throwIfCancelled(signal)
  const model = `${scorer.model}@${scorer.version}`
  await writeOutput(engine, { folder, output, file, model, signature, signal })
  return { model, output, ...counts }
}
