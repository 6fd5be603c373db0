import { amended, FtiError, parseTime } from '../../base/index.ts'
import { featureErrors } from '../errors.ts'
import type { OrderedGroup } from '../transforms/order-groups.ts'
import type { RunExtent } from './plan-intervals.ts'

/** What of its groups a run is asked to compute, as somebody writes it. */
export interface AskedExtent {
  readonly full?: boolean | undefined
  /** RFC 3339 with a zone, or a date, which is midnight UTC. */
  readonly from?: string | undefined
  /** The same; now unless given. */
  readonly to?: string | undefined
}

/** Errors: FTI_TIME_INVALID, FTI_INTERVAL_INVALID. */
export function parseExtent({ full = false, from, to }: AskedExtent, now: Date): RunExtent {
  if (from === undefined) return { kind: full ? 'full' : 'new' }
  const range = { from: moment('--from', from), to: to === undefined ? now.getTime() : moment('--to', to) }
  if (range.to > now.getTime()) {
    throw new FtiError(featureErrors.FTI_INTERVAL_INVALID, {
      message: `--to ${to} lies in the future, where no rows are yet`,
      place: '--to',
      remedy: `leave --to out: the range then ends now, at ${now.toISOString()}`,
    })
  }
  if (range.from < range.to) return { kind: 'range', range }
  const end = to === undefined ? `now, ${now.toISOString()}` : `--to ${to}`
  throw new FtiError(featureErrors.FTI_INTERVAL_INVALID, {
    message: `the range is empty: --from ${from} is not before ${end}`,
    place: '--from',
    remedy: 'the range begins with --from and ends before --to: one day is --from 2025-03-01 --to 2025-03-02',
  })
}

function moment(place: string, text: string): number {
  try {
    return parseTime(text).getTime()
  } catch (error) {
    throw error instanceof FtiError ? amended(error, { place }) : error
  }
}

/** Where rows are not computed by their time, a range says nothing. Errors: FTI_NOT_INCREMENTAL, before any group runs. */
export function refuseRange(ordered: readonly OrderedGroup[], extent: RunExtent): void {
  const whole = extent.kind === 'range' ? ordered.find(({ group }) => group.incremental === undefined) : undefined
  if (whole === undefined) return
  const { name, eventTime } = whole.group
  const able = ordered.filter(({ group }) => group.incremental).map(({ group }) => group.name)
  const declare = `incremental: { column: ${eventTime ?? '<a time that the transform gives>'}, lookback: 1d }`
  throw new FtiError(featureErrors.FTI_NOT_INCREMENTAL, {
    message: `'${name}' is computed as a whole, so --from and --to mean nothing to it`,
    place: `featureGroups.${name}`,
    remedy:
      able.length > 0
        ? `name the groups that are meant: fti feature run ${able.join(' ')} --from …   or declare ${declare}`
        : `declare ${declare}, or run it whole: fti feature run ${name} --full`,
    data: { group: name },
  })
}
