import type { Scored } from '../../scoring/index.ts'
import { inferenceErrors } from '../errors.ts'

/** Something about one prediction that its reader should know. */
export interface Warning {
  readonly code: string
  readonly group: string
  readonly message: string
}

export interface PredictionReply {
  readonly [output: string]: number | Readonly<Record<string, number | null>> | readonly Warning[]
}

const noWarnings: readonly Warning[] = []

/** One member of `predictions`: the output under the signature's name for it, ages in milliseconds, warnings. */
export function predictionReply(output: string, scored: Scored): PredictionReply {
  return { [output]: scored.output, ages: scored.ages, warnings: warningsOf(scored) }
}

/** Which features were imputed and why. */
export function warningsOf({ unknown, stale, ahead, unavailable }: Scored): readonly Warning[] {
  if (unknown.length + stale.length + ahead.length + unavailable.length === 0) return noWarnings
  return [
    ...unknown.map((group) => warning('FTI_ENTITY_UNKNOWN', group, 'was never seen: its features are imputed')),
    ...stale.map((group) =>
      warning('FTI_FEATURES_STALE', group, 'has only features older than maxAge: they are imputed'),
    ),
    ...ahead.map((group) =>
      warning('FTI_FEATURES_AHEAD', group, 'has only features ahead of the clock: they are imputed'),
    ),
    ...unavailable.map((group) =>
      warning(
        'FTI_FEATURES_UNAVAILABLE',
        group,
        'could not be looked up in the online store: its features are imputed',
      ),
    ),
  ]
}

function warning(code: keyof typeof inferenceErrors, group: string, what: string): Warning {
  return { code: inferenceErrors[code].code, group, message: `the entity of ${group} ${what}` }
}
