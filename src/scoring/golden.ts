import { FtiError } from '../base/index.ts'
import type { Value } from '../contract/index.ts'
import { scoringErrors } from './errors.ts'

/** Rows with the answers that a version gave when it was registered: `golden.json`. */
export interface Golden {
  readonly format: 1
  /** Largest allowed difference of an answer, absolute. */
  readonly tolerance: number
  readonly rows: readonly {
    /** In the order of `signature.columns`. */
    readonly values: readonly Value[]
    readonly output: number
  }[]
}

export function goldenJson(golden: Golden): string {
  return `${JSON.stringify(golden, null, 1)}\n`
}

/** Scores every golden row and compares. Errors: FTI_GOLDEN_MISMATCH with the first row that differs; NaN always differs. */
export function replayGolden(text: string, place: string, predict: (values: readonly Value[]) => number): void {
  const { tolerance, rows } = decodeGolden(text, place)
  rows.forEach(({ values, output }, row) => {
    const answer = predict(values)
    if (Math.abs(answer - output) <= tolerance) return
    throw new FtiError(scoringErrors.FTI_GOLDEN_MISMATCH, {
      message: `golden row ${row} gives ${answer} instead of ${output}, further apart than ${tolerance}`,
      place,
      remedy: 'do not serve this version: train and register it again, or roll back with `fti registry rollback`',
      data: { row, answer, expected: output, tolerance },
    })
  })
}

function decodeGolden(text: string, place: string): Golden {
  const golden = parse(text)
  const { format, tolerance, rows } = golden ?? {}
  const sound =
    format === 1 &&
    Number.isFinite(tolerance) &&
    Array.isArray(rows) &&
    rows.length > 0 &&
    rows.every((row) => Array.isArray(row?.values) && Number.isFinite(row.output))
  if (sound) return golden as Golden
  throw new FtiError(scoringErrors.FTI_GOLDEN_MISMATCH, {
    message: 'golden.json holds no rows that can be replayed',
    place,
    remedy: 'train and register the model again, or use another version',
  })
}

function parse(text: string): Partial<Golden> | null {
  try {
    return JSON.parse(text) as Partial<Golden> | null
  } catch {
    return null
  }
}
