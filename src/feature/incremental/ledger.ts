import { canonicalJson, digestOf } from '../../base/index.ts'
import { contractOf, type FeatureGroup, promiseOf } from '../../contract/index.ts'
import type { CoveredInterval, GroupView, IntervalLedger } from '../../store/index.ts'
import type { GroupInputs } from '../transforms/inputs.ts'
import { allTime, type Interval, textOf, without } from './interval.ts'

/** What makes covered time covered: with another transform or another form the same rows of a source give other values. */
export interface Basis {
  readonly transform: string
  readonly form: string
  /** An edited transform counts only for what is new, so what older ones have covered stays covered. */
  readonly isForwardOnly: boolean
}

export interface BasisParts {
  readonly inputs: Pick<GroupInputs, 'tree'>
  readonly sources: readonly object[]
  readonly upstream: readonly Pick<GroupView, 'reference'>[]
  readonly isForwardOnly: boolean
}

export function basisOf(group: FeatureGroup, { inputs, sources, upstream, isForwardOnly }: BasisParts): Basis {
  const form = digestOf({
    contract: canonicalJson(promiseOf(contractOf(group))),
    onInvalid: group.onInvalid,
    column: group.incremental?.column,
    sources,
    upstream: upstream.map(({ reference }) => [reference.group, reference.contractVersion]),
  })
  return { transform: digestOf(inputs.tree), form, isForwardOnly }
}

/** What of a ledger still holds: nothing where what decides the values has changed. */
export function coverageOf(ledger: IntervalLedger | undefined, basis: Basis): IntervalLedger {
  const { transform, form } = basis
  const holds = ledger?.form === form && (ledger.transform === transform || basis.isForwardOnly)
  return holds ? { ...ledger, transform } : { transform, form, newest: null, covered: [] }
}

/** What was computed by a commit, and from what. */
export interface Computed {
  readonly intervals: readonly Interval[]
  /** The latest time that was seen, and not one in the future; undefined where there was no row. */
  readonly newest: number | undefined
  /** Digest of the input, where the intervals were asked for. */
  readonly input?: string | undefined
}

/**
 * The ledger after a commit. What was computed without an end is covered up to the newest row alone: what comes behind it is yet to
 * come. Gives `before` itself where nothing was added but that the same was computed again.
 */
export function recordComputed(
  before: IntervalLedger | undefined,
  basis: Basis,
  { intervals, newest, input }: Computed,
): IntervalLedger | undefined {
  const known = coverageOf(before, basis)
  // Rows that came on time since other time was covered may lie before what a range sees now; nobody has looked for them yet.
  const isLatest = input === undefined || known.covered.every((covered) => covered.input === input)
  const seen = Math.max(timeOf(known.newest), (isLatest ? newest : undefined) ?? Number.NEGATIVE_INFINITY)
  const end = seen + 1
  const added = intervals.flatMap(({ from, to }) => {
    const until = to === allTime.to ? end : to
    return from < until ? [{ from, to: until, ...(input === undefined ? {} : { input }) }] : []
  })
  const kept = known.covered.flatMap(({ input: of, ...covered }) =>
    without(spanOf(covered), intervals).map((span) => ({ ...span, ...(of === undefined ? {} : { input: of }) })),
  )
  const covered = merge([...kept, ...added])
  const after = { ...known, newest: textOf({ from: seen, to: 0 }).from, covered }
  return canonicalJson(after) === canonicalJson(before ?? null) ? before : after
}

export function spanOf({ from, to }: CoveredInterval): Interval {
  return { from: from === null ? allTime.from : Date.parse(from), to: Date.parse(to) }
}

/** Milliseconds since 1970; before all time where there is none. */
export function timeOf(text: string | null): number {
  return text === null ? Number.NEGATIVE_INFINITY : Date.parse(text)
}

interface Covered extends Interval {
  readonly input?: string
}

function merge(spans: readonly Covered[]): CoveredInterval[] {
  const merged: Covered[] = []
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last && last.to === span.from && last.input === span.input) merged[merged.length - 1] = { ...last, to: span.to }
    else merged.push(span)
  }
  return merged.map(({ from, to, input }) => ({
    from: textOf({ from, to }).from,
    to: new Date(to).toISOString(),
    ...(input === undefined ? {} : { input }),
  }))
}
