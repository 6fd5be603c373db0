import { FtiError } from '../base/index.ts'
import { modelErrors } from './errors.ts'
import type { Rows, TrainRequest } from './train-dense.ts'

/** Refuses, before a thread is started, rows that cannot be what they claim and labels that no loss can take. */
export function checkRows(request: TrainRequest): void {
  const { train, validation, width } = request
  if (train.rows === 0) refuse('there are no training rows', 'make the split leave rows for train, or build a dataset')
  if (width < 1) refuse('the rows have no columns', 'pick at least one feature')
  checkPart('train', train, request)
  checkPart('validation', validation, request)
}

function checkPart(part: string, { x, y, rows }: Rows, { width, task }: TrainRequest): void {
  if (x.length !== rows * width || y.length !== rows) {
    const given = `${x.length} values and ${y.length} labels`
    refuse(
      `${part} has ${given}, not ${rows} rows of ${width} columns`,
      'report this: the caller built the matrix wrongly',
    )
  }
  const wrong = firstNotFinite(x)
  if (wrong >= 0) {
    const where = `column ${wrong % width} of ${part} row ${Math.floor(wrong / width)}`
    refuse(`${where} is ${x[wrong]}`, 'report this: the transforms let through what is not a finite number')
  }
  const allowed = task === 'binary' ? (label: number) => label === 0 || label === 1 : Number.isFinite
  const row = y.findIndex((label) => !allowed(label))
  if (row < 0) return
  const wanted = task === 'binary' ? '0 or 1' : 'a finite number'
  refuse(
    `the label of ${part} row ${row} is ${y[row]}, not ${wanted}`,
    'check the label of this model, and its positive value',
  )
}

/** Relu in wasm turns NaN into 0, so that no loss would show it. Zero times such a value is NaN, zero times others 0. */
function firstNotFinite(values: Float32Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * 0
  return sum === 0 ? -1 : values.findIndex((value) => !Number.isFinite(value))
}

function refuse(message: string, remedy: string): never {
  throw new FtiError(modelErrors.FTI_FIT_INPUT, { message, remedy })
}
