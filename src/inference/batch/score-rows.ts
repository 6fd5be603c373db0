import { countedInGroups, FtiError, type TaskReporter, throwIfCancelled } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { OnlineReader } from '../../online/index.ts'
import { type Instance, lookupMaker, type Scored, type Scorer } from '../../scoring/index.ts'
import { inferenceErrors } from '../errors.ts'
import { warningsOf } from '../http/prediction-reply.ts'
import { BadRows } from './bad-rows.ts'
import { inputError } from './check-input.ts'
import { type InstanceFile, rowColumn } from './instance-file.ts'

export interface ScoreRowsOptions {
  readonly reader: OnlineReader
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
  const { reader, nowMs, task, signal } = options
  const lookupIn = lookupMaker()
  const bad = new BadRows(file.path, scorer.signature)
  let rows = 0
  let imputed = 0
  await engine.execute(`CREATE TABLE ${scoredTable} (${rowColumn} BIGINT, output DOUBLE, warnings VARCHAR)`)
  for await (const { firstRow, instances } of file.instances()) {
    throwIfCancelled(signal)
    rows += instances.length
    task.update(`${countedInGroups(rows, 'row')}`)
    // After the first bad row nothing is predicted; the rest is read to name the other bad ones.
    if (!bad.areGood(instances, firstRow)) continue
    const lookup = lookupIn(await reader.fetch(() => scorer.wants(instances)))
    const score = (some: readonly Instance[]) => scorer.score(some, lookup, nowMs)
    const scored = scoreOrName(score, instances, { path: file.path, firstRow })
    if (options.onUnknownEntity === 'refuse') refuseUnknown(scored, file.path, firstRow)
    imputed += await append(engine, scored, firstRow)
  }
  bad.throwIfAny()
  if (rows === 0) throw inputError(file.path, 'the file has no rows', 'nothing was written')
  return { rows, imputed }
}

/** The version's own code may refuse a row; scoring them one by one tells which. */
function scoreOrName(
  score: (instances: readonly Instance[]) => Scored[],
  instances: readonly Instance[],
  { path, firstRow }: { path: string; firstRow: number },
): Scored[] {
  try {
    return score(instances)
  } catch (error) {
    if (instances.length > 1)
      return instances.flatMap((one, i) => scoreOrName(score, [one], { path, firstRow: firstRow + i }))
    if (!(error instanceof FtiError && error.code.startsWith('FTI_ON_DEMAND_'))) throw error
    const remedy = 'check the values that the on-demand code of the model takes; nothing was written'
    throw inputError(`${path}, row ${firstRow}`, `row ${firstRow}: ${error.message}`, remedy, error)
  }
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
