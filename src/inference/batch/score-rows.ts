import { FtiError, type TaskReporter } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { FeatureLookup, Scored, Scorer } from '../../scoring/index.ts'
import { inferenceErrors } from '../errors.ts'
import { warningsOf } from '../prediction-reply.ts'
import { BadRows } from './bad-rows.ts'
import { type InstanceFile, inputError, rowColumn } from './instance-file.ts'

export interface ScoreRowsOptions {
  readonly lookup: FeatureLookup
  readonly nowMs: number
  readonly onUnknownEntity: 'impute' | 'refuse'
  readonly task: TaskReporter
  readonly signal?: AbortSignal | undefined
}

export const scoredTable = '_fti_scored'

/** Scores the rows of a file in order into a table: row number, `output`, `warnings`. */
export async function scoreRows(
  engine: Engine,
  scorer: Scorer,
  file: InstanceFile,
  options: ScoreRowsOptions,
): Promise<{ rows: number; imputed: number }> {
  const { lookup, nowMs, task, signal } = options
  const bad = new BadRows(file.path, scorer.signature)
  let rows = 0
  let imputed = 0
  await engine.execute(`CREATE TABLE ${scoredTable} (${rowColumn} BIGINT, output DOUBLE, warnings VARCHAR)`)
  for await (const { firstRow, instances } of file.instances(signal)) {
    rows += instances.length
    task.update(`${rows.toLocaleString('en')} rows`)
    // After the first bad row nothing is predicted; the rest is read to name the other bad ones.
    if (!bad.areGood(instances, firstRow)) continue
    const scored = scorer.score(instances, lookup, nowMs)
    if (options.onUnknownEntity === 'refuse') refuseUnknown(scored, file.path, firstRow)
    imputed += await append(engine, scored, firstRow)
  }
  bad.throwIfAny()
  if (rows === 0) throw inputError(file.path, 'the file has no rows', 'nothing was written')
  return { rows, imputed }
}

function refuseUnknown(scored: readonly Scored[], path: string, firstRow: number): void {
  const row = scored.findIndex(({ unknown }) => unknown.length > 0)
  const found = scored[row]
  if (!found) return
  throw new FtiError(inferenceErrors.FTI_ENTITY_UNKNOWN, {
    message: `the entity of ${found.unknown.join(', ')} was never seen`,
    place: `${path}, row ${firstRow + row}`,
    remedy: 'leave the row out, or let the service impute: onUnknownEntity: impute',
  })
}

/** Returns how many of the rows have a warning. */
async function append(engine: Engine, scored: readonly Scored[], firstRow: number): Promise<number> {
  const rows = scored.length
  const number = (value: (one: Scored, index: number) => number) =>
    ({ kind: 'number', values: Float64Array.from(scored, value), nulls: new Uint8Array(rows) }) as const
  const warnings = scored.map((one) => {
    const found = warningsOf(one)
    return found.length === 0 ? null : found.map(({ code, group }) => `${code} ${group}`).join('; ')
  })
  await engine.appendColumns(scoredTable, {
    rows,
    columns: {
      [rowColumn]: number((_, index) => firstRow + index),
      output: number(({ output }) => output),
      warnings: { kind: 'text', values: warnings },
    },
  })
  return warnings.filter((text) => text !== null).length
}
