import type { Entity } from './entity.ts'
import type { Feature } from './feature.ts'
import type { Schedule } from './schedule.ts'
import type { WindowAggregate } from './window-aggregate.ts'

export const onInvalidChoices = ['fail', 'quarantine', 'warn'] as const
/** What happens to rows that break the contract. */
export type OnInvalid = (typeof onInvalidChoices)[number]

/** How rows are made: one SELECT, and where SQL is not enough a module that makes rows of those. Paths are absolute. */
export interface FeatureTransform {
  readonly kind: 'sql'
  readonly path: string
  readonly module?: string | undefined
}

export const transformPolicies = ['breaking', 'forwardOnly', 'restate'] as const
/**
 * What an edited transform means under the same schema: the next contract version, made again as a whole; the same version, where
 * rows up to the change keep their values; or the same version, where other values are corrections, known from then on.
 */
export type TransformPolicy = (typeof transformPolicies)[number]

/** SQL over a group's newest rows that gives an older contract version its columns, for as long as models read that. */
export interface CompatTransform {
  readonly contractVersion: number
  /** Absolute. */
  readonly path: string
}

/** When a row's values were known: a column of the transform's output, or a fixed lag after the event time. */
export type Availability =
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'after'; readonly lagMs: number }

/**
 * A run computes the rows of the transform whose time in `column` is new. `lookbackMs`: rows so much older than the newest one
 * are computed again, for they may come late. `intervalMs`: how much of a range that is asked for lands in one commit.
 */
export interface Incremental {
  readonly column: string
  readonly lookbackMs: number
  readonly intervalMs?: number | undefined
}

/** SQL conditions: `rows` must hold for each row, `batch` for the whole batch as an aggregate. */
export interface Expectations {
  readonly rows: readonly string[]
  readonly batch: readonly string[]
}

/**
 * A written table: what a feature pipeline commits to. Everything here is declared by its owner;
 * the part that readers rely on is its `Contract`.
 */
export const onMissingChoices = ['keep', 'delete'] as const
export type OnMissing = (typeof onMissingChoices)[number]

export interface FeatureGroup {
  readonly name: string
  readonly description?: string | undefined
  readonly owner?: string | undefined
  readonly entity: Entity
  readonly transform: FeatureTransform
  /** One value per key and no event time: known always at first load, corrections from their commit. */
  readonly isStatic: boolean
  /** Column of the transform's output; absent when static. */
  readonly eventTime?: string | undefined
  readonly availability?: Availability | undefined
  /** Boolean column of the transform: true where the value was deleted. */
  readonly deleted?: string | undefined
  /**
   * What a stored key (and event time) means that the transform no longer gives: nothing, or that its value was deleted. With an event
   * time, within the range of event times that the transform still gives.
   */
  readonly onMissing?: OnMissing | undefined
  /** Absent where a run goes over all rows. */
  readonly incremental?: Incremental | undefined
  readonly features: readonly Feature[]
  /** Feature -> how it is computed from the transform's rows. Where there is one, every feature has one. */
  readonly aggregates?: Readonly<Record<string, WindowAggregate>> | undefined
  readonly expectations: Expectations
  readonly onInvalid: OnInvalid
  /** `breaking` unless declared otherwise. */
  readonly onTransformChange?: TransformPolicy | undefined
  /** How older contract versions are fed until they are retired. */
  readonly compat?: readonly CompatTransform[] | undefined
  /** Joins and lookups ignore values whose event time is older than this. */
  readonly maxAgeMs?: number | undefined
  /** Event times further in the future than this are refused. */
  readonly maxFutureMs: number
  readonly freshness?: { readonly warnMs: number; readonly errorMs: number } | undefined
  readonly schedule: Schedule
}
