import { distance } from 'fastest-levenshtein'

/** The known name nearest to a mistyped or shortened one, when it is near enough to be meant. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(name.length / 2)) + 1
  for (const candidate of known) {
    const d = steps(name.toLowerCase(), candidate.toLowerCase())
    if (d < bestDistance) [best, bestDistance] = [candidate, d]
  }
  return best
}

/** Characters to change; what was left out at the end of a name counts as one. */
function steps(name: string, candidate: string): number {
  const isShortened = name.length >= 3 && name.length < candidate.length && candidate.startsWith(name)
  return isShortened ? 1 : distance(name, candidate)
}

/** A sentence for an error's remedy: the nearest name, else what there is; then, where one is given, what else can be done. */
export function didYouMean(name: string, known: Iterable<string>, otherwise?: string): string {
  const all = [...known]
  const near = nearest(name, all)
  const more = (link: string) => (otherwise === undefined ? '' : `${link}${otherwise}`)
  if (near !== undefined) return `did you mean '${near}'?${more(' Otherwise ')}`
  if (all.length === 0) return `there is none yet${more(': ')}`
  const shown = all.slice(0, 10).join(', ')
  return `known: ${shown}${all.length > 10 ? `, and ${all.length - 10} more` : ''}${more('. Otherwise ')}`
}
