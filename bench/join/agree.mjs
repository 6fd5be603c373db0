/** Throws where two answers to one join differ. Sums may differ in the last digits, for the order of adding differs. */
export function mustAgree(mine, other, what) {
  for (const [key, value] of Object.entries(mine)) {
    const far = Math.abs(other[key] - value) > 1e-9 * Math.abs(value)
    if (far) throw new Error(`${what}: ${key} is ${other[key]}, not ${value}`)
  }
}
