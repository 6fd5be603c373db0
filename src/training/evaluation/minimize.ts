/** Value and gradient of a smooth function at a point; the gradient may be reused by the next call. */
export type Objective = (at: Float64Array) => Promise<{ readonly value: number; readonly gradient: Float64Array }>

const history = 10
/** Largest part of the gradient at which the search is over. */
const tolerance = 1e-4

/**
 * Minimum of a convex function by L-BFGS (Nocedal and Wright, 2006, algorithms 7.4 and 7.5) with a backtracking line
 * search, or the point that it has reached after so many steps.
 */
export async function minimize(objective: Objective, start: Float64Array, mostSteps: number): Promise<Float64Array> {
  let point = start
  let { value, gradient } = await evaluate(objective, point)
  const pairs: Pair[] = []
  for (let step = 0; step < mostSteps && largest(gradient) > tolerance; step++) {
    const direction = quasiNewton(gradient, pairs)
    const slope = dot(direction, gradient)
    // Before the curvature is known a whole step could lead anywhere.
    let length = pairs.length === 0 ? Math.min(1, 1 / norm(gradient)) : 1
    let next = moved(point, direction, length)
    let found = await evaluate(objective, next)
    while (!(found.value <= value + 1e-4 * length * slope)) {
      length /= 2
      if (length < 1e-10) return point
      next = moved(point, direction, length)
      found = await evaluate(objective, next)
    }
    remember(pairs, difference(next, point), difference(found.gradient, gradient))
    ;[point, value, gradient] = [next, found.value, found.gradient]
  }
  return point
}

/** A step and the change of the gradient along it. */
interface Pair {
  readonly step: Float64Array
  readonly change: Float64Array
  /** 1 / (step · change). */
  readonly rho: number
}

async function evaluate(objective: Objective, at: Float64Array) {
  const { value, gradient } = await objective(at)
  return { value, gradient: gradient.slice() }
}

/** Minus the gradient times the inverse Hessian as the pairs know it: the two-loop recursion. */
function quasiNewton(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = gradient.map((part) => -part)
  const shares = new Float64Array(pairs.length)
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { step, change, rho } = pairs[i] as Pair
    shares[i] = rho * dot(step, direction)
    add(direction, change, -(shares[i] as number))
  }
  const last = pairs.at(-1)
  if (last) {
    const scale = 1 / (last.rho * dot(last.change, last.change))
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) * scale
  }
  pairs.forEach(({ step, change, rho }, i) => {
    add(direction, step, (shares[i] as number) - rho * dot(change, direction))
  })
  return direction
}

function remember(pairs: Pair[], step: Float64Array, change: Float64Array): void {
  const curvature = dot(step, change)
  if (curvature <= 1e-12) return
  pairs.push({ step, change, rho: 1 / curvature })
  if (pairs.length > history) pairs.shift()
}

function moved(point: Float64Array, direction: Float64Array, length: number): Float64Array {
  return point.map((part, i) => part + length * (direction[i] as number))
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((part, i) => part - (b[i] as number))
}

function add(to: Float64Array, values: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + times * (values[i] as number)
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

function norm(values: Float64Array): number {
  return Math.sqrt(dot(values, values))
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}
