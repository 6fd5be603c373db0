import { resolve } from 'node:path'
import { parseDuration } from '../../base/index.ts'
import type {
  Availability,
  Entity,
  Feature,
  FeatureGroup,
  FeatureTransform,
  Incremental,
  Schedule,
} from '../../contract/index.ts'
import { checkGroup } from '../checks/check-group.ts'
import type { EntityYaml, FeatureYaml, GroupYaml, RetryYaml } from '../schema/group-schema.ts'
import type { Inspection } from '../text/inspection.ts'
import { aggregatesOf } from './aggregates.ts'
import { cronProblem } from './cron.ts'

/** Checks the declared entities: a key has columns, and they can be compared for equality. */
export function buildEntities(yaml: Readonly<Record<string, EntityYaml>>, inspection: Inspection): Map<string, Entity> {
  const entities = new Map<string, Entity>()
  for (const [name, { key }] of Object.entries(yaml)) {
    entities.set(name, { name, key })
    const path = ['entities', name, 'key']
    if (Object.keys(key).length === 0) {
      inspection.add(
        'FTI_PROJECT_VALUE',
        path,
        `the key of ${name} has no columns`,
        'write a column and its type: { id: string }',
      )
    }
    for (const [column, type] of Object.entries(key)) {
      if (type !== 'float32' && type !== 'float64') continue
      inspection.add(
        'FTI_PROJECT_VALUE',
        [...path, column],
        `${column} has type ${type}: floating point cannot be a key`,
        'use int64 or string',
      )
    }
  }
  return entities
}

/** Checks the declared groups and makes nouns of those whose entity exists. */
export function buildGroups(
  yaml: Readonly<Record<string, GroupYaml>>,
  entities: ReadonlyMap<string, Entity>,
  sources: ReadonlyMap<string, unknown>,
  inspection: Inspection,
): Map<string, FeatureGroup> {
  const groups = new Map<string, FeatureGroup>()
  for (const [name, group] of Object.entries(yaml)) {
    const path = ['featureGroups', name]
    if (sources.has(name)) {
      const remedy = 'rename one of the two; in SQL a name means one table'
      inspection.add('FTI_PROJECT_NAME', path, `'${name}' is a source and a feature group`, remedy, 'key')
    }
    checkTableName(name, path, inspection)
    const entity = entities.get(group.entity)
    if (!entity) inspection.dangling([...path, 'entity'], 'entity', group.entity, entities.keys())
    checkGroup(name, group, entity, inspection)
    if (entity) groups.set(name, buildGroup(name, group, entity, inspection))
  }
  return groups
}

/** In SQL `<group>__history` is a group's raw rows, so nothing else may be called that. */
export function checkTableName(name: string, path: readonly string[], inspection: Inspection): void {
  if (!name.endsWith('__history')) return
  const message = `'${name}' ends with __history, which in SQL means the raw rows of a group`
  inspection.add('FTI_PROJECT_NAME', path, message, 'choose another name', 'key')
}

function buildGroup(name: string, yaml: GroupYaml, entity: Entity, inspection: Inspection): FeatureGroup {
  return {
    name,
    description: yaml.description,
    owner: yaml.owner,
    entity,
    transform: transformOf(yaml, inspection),
    isStatic: yaml.static ?? false,
    eventTime: yaml.eventTime,
    availability: availabilityOf(yaml),
    deleted: yaml.deleted,
    onMissing: yaml.onMissing,
    incremental: incrementalOf(yaml),
    features: Object.entries(yaml.features).map(([feature, declared]) => buildFeature(feature, declared)),
    aggregates: aggregatesOf(yaml),
    expectations: { rows: yaml.expect?.rows ?? [], batch: yaml.expect?.batch ?? [] },
    onInvalid: yaml.onInvalid ?? 'fail',
    ...(yaml.onTransformChange === undefined ? {} : { onTransformChange: yaml.onTransformChange }),
    compat:
      yaml.compat &&
      Object.entries(yaml.compat).map(([version, path]) => ({
        contractVersion: Number(version.slice(1)),
        path: resolve(inspection.directory, path),
      })),
    maxAgeMs: yaml.maxAge === undefined ? undefined : parseDuration(yaml.maxAge),
    maxFutureMs: parseDuration(yaml.maxFuture ?? '5m'),
    freshness: yaml.freshness && {
      warnMs: parseDuration(yaml.freshness.warn),
      errorMs: parseDuration(yaml.freshness.error),
    },
    schedule: buildSchedule(yaml, ['featureGroups', name], inspection),
  }
}

function transformOf({ transform }: GroupYaml, { directory }: Inspection): FeatureTransform {
  if (typeof transform === 'string') return { kind: 'sql', path: resolve(directory, transform) }
  return { kind: 'sql', path: resolve(directory, transform.sql), module: resolve(directory, transform.module) }
}

function availabilityOf(yaml: GroupYaml): Availability | undefined {
  if (yaml.availableAt !== undefined) return { kind: 'column', column: yaml.availableAt }
  if (yaml.availableAfter !== undefined) return { kind: 'after', lagMs: parseDuration(yaml.availableAfter) }
  return undefined
}

function incrementalOf({ incremental }: GroupYaml): Incremental | undefined {
  if (incremental === undefined) return undefined
  const { column, lookback, interval } = incremental
  return {
    column,
    lookbackMs: parseDuration(lookback),
    intervalMs: interval === undefined ? undefined : parseDuration(interval),
  }
}

function buildFeature(name: string, declared: FeatureYaml): Feature {
  if (typeof declared === 'string') return { name, type: declared, nullable: true }
  const { nullable, aggregate: _aggregate, ...rest } = declared
  return { name, ...rest, nullable: nullable ?? true }
}

/** When a group or a model is due, and how often a failed run is tried again. */
export function buildSchedule(
  yaml: { readonly schedule?: string | undefined; readonly retry?: RetryYaml | undefined },
  path: readonly string[],
  inspection: Inspection,
): Schedule {
  const problem = yaml.schedule === undefined ? undefined : cronProblem(yaml.schedule)
  if (problem) inspection.add('FTI_PROJECT_VALUE', [...path, 'schedule'], problem.message, problem.remedy)
  const retry = { times: yaml.retry?.times ?? 0, backoffMs: parseDuration(yaml.retry?.backoff ?? '30s') }
  return { cron: yaml.schedule, retry }
}
