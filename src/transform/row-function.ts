import { FtiError } from '../base/index.ts'
import type { Value, ValueType } from '../contract/index.ts'
import { declaredValues, undeclaredGuard } from './declared-values.ts'
import { transformErrors } from './errors.ts'

/** A row as the module of a feature group gets it: timestamps and dates as milliseconds since 1970 in UTC, null where unknown. */
export type InputRow = Readonly<Record<string, string | number | boolean | null>>

/** Makes rows of rows: as many as it likes, in batches of no promised size and order. Pure. */
export type RowFunction = (rows: readonly InputRow[]) => unknown

export interface RowSpec {
  /** For messages: the module's path in the project. */
  readonly place: string
  readonly outputs: readonly (readonly [string, ValueType])[]
}

/**
 * Guards a row function: rows refuse to be asked for columns that they do not have, and what comes back must be rows with exactly
 * the outputs. Throws FTI_MODULE_INPUT, FTI_MODULE_OUTPUT, FTI_MODULE_FAILED.
 */
export function wrapRowFunction(
  run: RowFunction,
  { place, outputs }: RowSpec,
): (rows: readonly InputRow[]) => Record<string, Value>[] {
  const refuse = (what: string): never => {
    throw new FtiError(transformErrors.FTI_MODULE_OUTPUT, {
      message: `the module ${what}`,
      place,
      remedy: `return a list of rows, each with exactly: ${outputs.map(([name, type]) => `${name} (${type})`).join(', ')}`,
    })
  }
  return (rows) => {
    const guard = guardOf(Object.keys(rows[0] ?? {}), place)
    for (const row of rows) Object.setPrototypeOf(row, guard)
    const answer = call(run, rows, place)
    if (!Array.isArray(answer)) refuse(`returned ${typeof answer}, not a list of rows`)
    return (answer as unknown[]).map((row) => declaredValues(row, outputs, refuse))
  }
}

function guardOf(columns: readonly string[], place: string): object {
  return undeclaredGuard((key, what) => {
    throw new FtiError(transformErrors.FTI_MODULE_INPUT, {
      message: `the module ${what} '${key}', which its SQL does not give`,
      place,
      remedy: `select ${key} in the SQL (it gives: ${columns.join(', ')}), or do not use it`,
    })
  })
}

function call(run: RowFunction, rows: readonly InputRow[], place: string): unknown {
  try {
    return run(rows)
  } catch (error) {
    if (error instanceof FtiError) throw error
    throw new FtiError(transformErrors.FTI_MODULE_FAILED, {
      message: `the module threw: ${error instanceof Error ? error.message : String(error)}`,
      place,
      remedy: 'correct it; values may be null, and timestamps are milliseconds',
      detail: error instanceof Error ? error.stack : undefined,
      cause: error,
    })
  }
}
