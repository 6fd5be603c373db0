import { FtiError } from '../base/index.ts'
import type { TransformKind } from '../contract/index.ts'
import { transformErrors } from './errors.ts'
import type { NumberStep } from './fitted-transforms.ts'
import { applySteps } from './number-steps.ts'

type NumberKind = NumberStep['kind']

export function isNumberStep(kind: TransformKind): kind is NumberKind {
  return kind === 'log' || kind === 'clip' || kind === 'standardize'
}

/** Learns each step from the known values as the steps before it leave them. */
export function fitNumberSteps(kinds: readonly TransformKind[], known: Float64Array, name: string): NumberStep[] {
  const steps: NumberStep[] = []
  let values = known
  for (const kind of kinds.filter(isNumberStep)) {
    const step = fitStep(kind, values, name)
    steps.push(step)
    values = values.map((value) => applySteps([step], value))
  }
  return steps
}

/** The mean of no values is 0. Never -0, which JSON would turn into 0. */
export function meanOf(values: Float64Array, name: string): number {
  let mean = 0
  // A running mean cannot overflow where the sum would.
  values.forEach((value, i) => {
    mean += (value - mean) / (i + 1)
  })
  return finite(mean, name) + 0
}

function fitStep(kind: NumberKind, values: Float64Array, name: string): NumberStep {
  if (kind === 'log') return { kind }
  if (kind === 'clip') return { kind, ...clipBounds(values) }
  return { kind, ...meanAndDeviation(values, name) }
}

/** Quantiles 0.5 % and 99.5 %, as values that occur. */
function clipBounds(values: Float64Array): { min: number; max: number } {
  const sorted = values.toSorted()
  const last = sorted.length - 1
  return { min: (sorted[Math.floor(0.005 * last)] ?? 0) + 0, max: (sorted[Math.ceil(0.995 * last)] ?? 0) + 0 }
}

function meanAndDeviation(values: Float64Array, name: string): { mean: number; deviation: number } {
  const [first = 0] = values
  // Exactly, since rounding would give a constant such as 0.1 a deviation of 1e-17.
  if (values.every((value) => value === first)) return { mean: first + 0, deviation: 1 }
  const mean = meanOf(values, name)
  let square = 0
  values.forEach((value, i) => {
    square += ((value - mean) ** 2 - square) / (i + 1)
  })
  return { mean, deviation: finite(Math.sqrt(square), name) || 1 }
}

function finite(statistic: number, name: string): number {
  if (Number.isFinite(statistic)) return statistic
  throw new FtiError(transformErrors.FTI_TRANSFORM_RANGE, {
    message: `the values of '${name}' are too large for a mean and a deviation`,
    remedy: `add \`log\` before standardize for '${name}' under transforms, or give the feature a range`,
  })
}
