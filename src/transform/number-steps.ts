import type { NumberStep } from './fitted-transforms.ts'

/** Runs a finite number through the steps. The one implementation: fitting, training and serving all come here. */
export function applySteps(steps: readonly NumberStep[], value: number): number {
  let result = value
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as NumberStep
    if (step.kind === 'standardize') result = (result - step.mean) / step.deviation
    else if (step.kind === 'log') result = Math.sign(result) * Math.log1p(Math.abs(result))
    else result = result < step.min ? step.min : result > step.max ? step.max : result
  }
  return result
}
