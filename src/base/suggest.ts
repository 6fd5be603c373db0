import { distance } from 'fastest-levenshtein'

/** The known name nearest to a mistyped one, when it is near enough to be meant. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(name.length / 2)) + 1
  for (const candidate of known) {
    const d = distance(name.toLowerCase(), candidate.toLowerCase())
    if (d < bestDistance) [best, bestDistance] = [candidate, d]
  }
  return best
}

/** A sentence for an error's remedy: the nearest name, else what there is. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const all = [...known]
  const near = nearest(name, all)
  if (near !== undefined) return `did you mean '${near}'?`
  if (all.length === 0) return 'there is none yet'
  const shown = all.slice(0, 10).join(', ')
  return `known: ${shown}${all.length > 10 ? `, and ${all.length - 10} more` : ''}`
}
