import type { Entity } from './entity.ts'
import type { Feature } from './feature.ts'
import type { Availability, Expectations, FeatureGroup } from './feature-group.ts'

/**
 * Schema and expectations of a feature group: what its readers may rely on.
 * Published with an integer version; a breaking change makes the next version and a table of its own.
 */
export interface Contract {
  readonly group: string
  readonly entity: Entity
  readonly isStatic: boolean
  /** Name of the event time column; absent when static. */
  readonly eventTime?: string | undefined
  readonly availability?: Availability | undefined
  /** Name of the boolean column that marks tombstones: true where the key's value was deleted at that event time. */
  readonly deleted?: string | undefined
  readonly features: readonly Feature[]
  readonly expectations: Expectations
  readonly maxAgeMs?: number | undefined
  readonly owner?: string | undefined
  readonly description?: string | undefined
}

/** A contract without what only says something about the values: equal promises give equal rows. */
export function promiseOf({
  owner: _owner,
  description: _description,
  maxAgeMs: _maxAgeMs,
  ...promise
}: Contract): object {
  return { ...promise, features: promise.features.map(({ description: _, ...feature }) => feature) }
}

/** The promise inside a feature group, without how it is kept. */
export function contractOf(group: FeatureGroup): Contract {
  return {
    group: group.name,
    entity: group.entity,
    isStatic: group.isStatic,
    eventTime: group.eventTime,
    availability: group.availability,
    deleted: group.deleted,
    features: group.features,
    expectations: group.expectations,
    maxAgeMs: group.maxAgeMs,
    owner: group.owner,
    description: group.description,
  }
}
