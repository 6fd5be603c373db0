import { parseDuration } from '../../base/index.ts'
import { aggregateFunctions, type WindowAggregate } from '../../contract/index.ts'
import type { AggregateYaml, FeatureYaml, GroupYaml } from '../schema/group-schema.ts'
import type { Inspection } from '../text/inspection.ts'

/** The declared windows by feature; undefined where the transform gives the features as they are. */
export function aggregatesOf(group: GroupYaml): Record<string, WindowAggregate> | undefined {
  const found: Record<string, WindowAggregate> = {}
  for (const [feature, declared] of Object.entries(group.features)) {
    const aggregate = aggregateOf(declared)
    const [name] = aggregate ? functionsIn(aggregate) : []
    const columns = aggregate && name ? aggregate[name] : undefined
    if (!aggregate || !name || columns === undefined) continue
    found[feature] = { function: name, columns: [columns].flat(), overMs: parseDuration(aggregate.over) }
  }
  return Object.keys(found).length > 0 ? found : undefined
}

/** A window has one function, and the features of a group are all of rows or all of windows. */
export function checkAggregates(name: string, group: GroupYaml, inspection: Inspection): void {
  const declared = Object.entries(group.features).map(([feature, value]) => ({
    feature,
    aggregate: aggregateOf(value),
  }))
  if (declared.every(({ aggregate }) => aggregate === undefined)) return
  for (const { feature, aggregate } of declared) {
    const path = ['featureGroups', name, 'features', feature]
    if (aggregate) checkFunction(feature, aggregate, [...path, 'aggregate'], inspection)
    else {
      const message = `'${feature}' has no aggregate, but other features of ${name} have one: several of its rows may be one row here`
      const remedy = 'write aggregate: { last: <column>, over: 1h }, or move it to a group of its own'
      inspection.add('FTI_PROJECT_CONFLICT', path, message, remedy, 'key')
    }
  }
  if (!group.static) return
  const remedy = 'remove static: true and name the eventTime, or compute it in the SQL'
  inspection.add(
    'FTI_PROJECT_CONFLICT',
    ['featureGroups', name, 'static'],
    `${name} is static, so it has no windows of time`,
    remedy,
  )
}

function checkFunction(feature: string, aggregate: AggregateYaml, path: string[], inspection: Inspection): void {
  const functions = functionsIn(aggregate)
  if (functions.length === 1) return
  const said = functions.length === 0 ? 'none' : functions.join(' and ')
  const message = `the aggregate of '${feature}' must have one function, and has ${said}`
  inspection.add('FTI_PROJECT_VALUE', path, message, `write one of ${aggregateFunctions.join(', ')}`)
}

function aggregateOf(declared: FeatureYaml): AggregateYaml | undefined {
  return typeof declared === 'string' ? undefined : declared.aggregate
}

function functionsIn(aggregate: AggregateYaml) {
  return aggregateFunctions.filter((name) => aggregate[name] !== undefined)
}
