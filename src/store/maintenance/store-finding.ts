import { type ErrorFacts, errorFacts } from '../../base/index.ts'

/**
 * Something that is not as it should be. `corrupt`: data is lost, changed or misleading; `warning`: harmless for fti, and says how
 * to tidy.
 */
export interface StoreFinding {
  readonly severity: 'corrupt' | 'warning'
  readonly place: string
  readonly problem: string
  readonly remedy: string
}

export function corruptFinding(place: string, problem: string, remedy: string): StoreFinding {
  return { severity: 'corrupt', place, problem, remedy }
}

/** What an error says, as a finding; anything that is no error of ours is thrown on. */
export function findingOf(error: unknown, place: string): StoreFinding {
  const facts: ErrorFacts = errorFacts(error)
  return corruptFinding(facts.place ?? place, facts.message, facts.remedy ?? '')
}
