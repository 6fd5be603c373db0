/** A seeded stream of numbers in [0, 1). Our own, since tfjs ignores `seed` in places. */
export type Random = () => number

/** Fills an array with seeded 32-bit words. */
export type RandomWords = (words: Uint32Array) => void

/**
 * Streams by name, so that initialization, shuffling and dropout never disturb one another.
 * Equal seeds and names give equal numbers on every machine.
 */
export function seededRandom(seed: number, stream: string): Random {
  const fill = randomWords(seed, stream)
  const words = new Uint32Array(256)
  let next = words.length
  return () => {
    if (next === words.length) {
      fill(words)
      next = 0
    }
    return (words[next++] as number) / 2 ** 32
  }
}

/** xoshiro128** (Blackman and Vigna, 2018), seeded by splitmix32. In blocks: a call for each number costs ten times more. */
export function randomWords(seed: number, stream: string): RandomWords {
  const mix = splitmix32(seed ^ hashText(stream))
  let [a, b, c, d] = [mix(), mix(), mix(), mix()]
  return (words) => {
    for (let i = 0; i < words.length; i++) {
      words[i] = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9)
      const t = b << 9
      c ^= a
      d ^= b
      b ^= c
      a ^= d
      c ^= t
      d = rotateLeft(d, 11)
    }
  }
}

/** Shuffles in place (Fisher and Yates). */
export function shuffle(order: Uint32Array, random: Random): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = order[i] as number
    order[i] = order[j] as number
    order[j] = held
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits))
}

function splitmix32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return z ^ (z >>> 16)
  }
}

/** FNV-1a, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
