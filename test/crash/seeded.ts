/** Where random moments come from: the same ones each time, others when `FTI_SEED` says so. */
export function seeded(start = Number(process.env['FTI_SEED'] ?? 20261121)): () => number {
  let state = start
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
