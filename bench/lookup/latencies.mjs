// Microseconds of lookups of 1 and of 100 keys, chosen at random, each timed alone.
import process from 'node:process'

/**
 * `look(keys)` is what is timed, until its promise ends where it gives one; `key(i)` is the key of entity `i` as it takes it, made
 * before the clock starts. A twentieth more calls before the measured ones warm up.
 */
export async function latencies({ entities, times, key, look }) {
  const one = await measure(entities, 1, times, key, look)
  return { one, hundred: await measure(entities, 100, times / 20, key, look) }
}

async function measure(entities, size, times, key, look) {
  const random = generator(size)
  const took = new Float64Array(times)
  for (let n = -Math.floor(times / 20); n < times; n++) {
    const keys = Array.from({ length: size }, () => key(Math.floor(random() * entities)))
    const began = process.hrtime.bigint()
    const looked = look(keys)
    if (looked instanceof Promise) await looked
    const nanoseconds = Number(process.hrtime.bigint() - began)
    if (n >= 0) took[n] = nanoseconds / 1000
  }
  took.sort()
  return { p50: took[Math.floor(times * 0.5)], p99: took[Math.floor(times * 0.99)] }
}

/** Park and Miller's generator: the same entities on every machine and in the peer's benchmark. */
function generator(seed) {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
