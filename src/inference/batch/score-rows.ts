import { FtiError, type TaskReporter } from '../../base/index.ts'
import type { ColumnBatch, Engine } from '../../engine/index.ts'
import type { FeatureLookup, Instance, Scored, Scorer } from '../../scoring/index.ts'
import { inferenceErrors } from '../errors.ts'
import { compileInstanceCheck } from '../instance-check.ts'
import { warningsOf } from '../prediction-reply.ts'
import { inputError } from './open-input.ts'
import { instanceItems, instanceReader } from './read-instance.ts'

export interface ScoreRowsOptions {
  readonly types: ReadonlyMap<string, string>
  readonly input: string
  readonly lookup: FeatureLookup
  readonly nowMs: number
  readonly onUnknownEntity: 'impute' | 'refuse'
  readonly task: TaskReporter
  readonly signal?: AbortSignal | undefined
}

/** Scores the rows of `_input` in order into the table `_scored`: `_row`, `output`, `warnings`. */
export async function scoreRows(
  engine: Engine,
  scorer: Scorer,
  options: ScoreRowsOptions,
): Promise<{ rows: number; imputed: number }> {
  const { input, types, lookup, nowMs, task, signal } = options
  const check = compileInstanceCheck(scorer.signature)
  const read = instanceReader(scorer.signature)
  let rows = 0
  let imputed = 0
  await engine.execute('CREATE TABLE _scored (_row BIGINT, output DOUBLE, warnings VARCHAR)')
  const select = `SELECT _row, ${instanceItems(scorer.signature, types)} FROM _input ORDER BY _row`
  for await (const batch of engine.stream(select, signal)) {
    const instances = Array.from({ length: batch.rows }, (_, row): Instance => {
      const instance = read(batch, row)
      const refusal = check(instance)
      if (refusal === undefined) return instance
      const where = `${input}, row ${rows + row + 1}`
      throw inputError(
        where,
        `${refusal.path.replace(/^\./, '')} ${refusal.message}`,
        'correct the row; nothing was written',
      )
    })
    const scored = scorer.score(instances, lookup, nowMs)
    if (options.onUnknownEntity === 'refuse') refuseUnknown(scored, input, rows)
    imputed += await append(engine, batch, scored)
    rows += batch.rows
    task.update(`${rows.toLocaleString('en')} rows`)
  }
  if (rows === 0) throw inputError(input, 'the file has no rows', 'nothing was written')
  return { rows, imputed }
}

function refuseUnknown(scored: readonly Scored[], input: string, before: number): void {
  const row = scored.findIndex(({ unknown }) => unknown.length > 0)
  const found = scored[row]
  if (!found) return
  throw new FtiError(inferenceErrors.FTI_ENTITY_UNKNOWN, {
    message: `the entity of ${found.unknown.join(', ')} was never seen`,
    place: `${input}, row ${before + row + 1}`,
    remedy: 'leave the row out, or let the service impute: onUnknownEntity: impute',
  })
}

/** Returns how many of the rows have a warning. */
async function append(engine: Engine, batch: ColumnBatch, scored: readonly Scored[]): Promise<number> {
  const number = batch.columns['_row']
  if (number === undefined) throw new Error('the batch has no row numbers')
  const warnings = scored.map((each) => {
    const found = warningsOf(each)
    return found.length === 0 ? null : found.map(({ code, group }) => `${code} ${group}`).join('; ')
  })
  await engine.appendColumns('_scored', {
    rows: batch.rows,
    columns: {
      _row: number,
      output: {
        kind: 'number',
        values: Float64Array.from(scored, ({ output }) => output),
        nulls: new Uint8Array(batch.rows),
      },
      warnings: { kind: 'text', values: warnings },
    },
  })
  return warnings.filter((text) => text !== null).length
}
