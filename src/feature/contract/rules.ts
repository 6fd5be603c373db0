import type { Feature, FeatureGroup, Value } from '../../contract/index.ts'
import { quoteName, quoteText } from '../../engine/index.ts'

/** One thing that must hold for each row, as SQL that is true where it does not. */
export interface Rule {
  readonly name: string
  readonly violated: string
  /** Columns shown with a row that breaks the rule. */
  readonly columns: readonly string[]
  /** Rows that break it can never be stored, whatever `onInvalid` says. */
  readonly structural: boolean
  /** For a rule over several rows, which needs a window: columns that must be unique for it to be worth asking. */
  readonly unlessUnique?: readonly string[] | undefined
}

/** The rules of a contract, those of its structure first. */
export function rulesOf(group: FeatureGroup, now: Date): Rule[] {
  return [
    ...Object.keys(group.entity.key).map(notNull),
    ...timeRules(group, now),
    oneValueRule(group),
    ...[...group.features.flatMap(featureRules), ...expectationRules(group)].map((rule) => amongValues(group, rule)),
  ]
}

/** A row that says that something was deleted has no values to judge. */
function amongValues({ deleted }: FeatureGroup, rule: Rule): Rule {
  if (deleted === undefined) return rule
  return { ...rule, violated: `${quoteName(deleted)} IS NOT TRUE AND (${rule.violated})` }
}

function notNull(column: string): Rule {
  const violated = `${quoteName(column)} IS NULL`
  return { name: `${column} is null`, violated, columns: [column], structural: true }
}

function timeRules(group: FeatureGroup, now: Date): Rule[] {
  const times = [group.eventTime, group.availability?.kind === 'column' ? group.availability.column : undefined]
  const rules = [...new Set(times)]
    .filter((name) => name !== undefined)
    .flatMap((name) => [
      notNull(name),
      {
        name: `${name} is not a finite time`,
        violated: `NOT isfinite(${quoteName(name)})`,
        columns: [name],
        structural: true,
      },
    ])
  if (group.eventTime === undefined) return rules
  const limit = new Date(now.getTime() + group.maxFutureMs).toISOString()
  const violated = `isfinite(${quoteName(group.eventTime)}) AND ${quoteName(group.eventTime)} > TIMESTAMPTZ ${quoteText(limit)}`
  const name = `${group.eventTime} is in the future`
  // No calendar of other readers begins earlier, and a join could not count a span of time back from the first moment of DuckDB's.
  const early = `isfinite(${quoteName(group.eventTime)}) AND ${quoteName(group.eventTime)} < TIMESTAMPTZ '0001-01-01 00:00:00Z'`
  const columns = [group.eventTime]
  return [
    ...rules,
    { name: `${group.eventTime} is before the year 1`, violated: early, columns, structural: true },
    { name, violated, columns, structural: true },
  ]
}

/** Rows that repeat all values are one row; rows that differ leave open which of them is true. */
function oneValueRule(group: FeatureGroup): Rule {
  const identity = [...Object.keys(group.entity.key), ...(group.eventTime === undefined ? [] : [group.eventTime])]
  const same = identity.map(quoteName).join(', ')
  const columns = [...group.features.map(({ name }) => name), ...(group.deleted === undefined ? [] : [group.deleted])]
  const values = columns.map(quoteName).join(', ')
  const window = `OVER (PARTITION BY ${same})`
  return {
    name: `several values for one ${identity.join(', ')}`,
    violated: `count(*) ${window} > 1 AND min(hash(${values})) ${window} <> max(hash(${values})) ${window}`,
    columns: group.features.map((feature) => feature.name),
    structural: true,
    // The order in which events are delivered and stored.
    unlessUnique: [...(group.eventTime === undefined ? [] : [group.eventTime]), ...Object.keys(group.entity.key)],
  }
}

function featureRules(feature: Feature): Rule[] {
  const name = quoteName(feature.name)
  const rules: Rule[] = []
  const add = (what: string, violated: string) =>
    rules.push({ name: `${feature.name} ${what}`, violated, columns: [feature.name], structural: false })
  if (!feature.nullable) add('is null', `${name} IS NULL`)
  const isFloat = feature.type === 'float32' || feature.type === 'float64'
  if (isFloat) add('is not a finite number', `NOT isfinite(${name})`)
  const [min, max] = feature.range ?? []
  // To DuckDB NaN is greater than any number; such values have a rule of their own.
  const finite = isFloat ? `isfinite(${name}) AND ` : ''
  if (typeof min === 'number') add(`is below ${min}`, `${finite}${name} < ${min}`)
  if (typeof max === 'number') add(`is above ${max}`, `${finite}${name} > ${max}`)
  if (feature.oneOf) add('is not an allowed value', `${name} NOT IN (${feature.oneOf.map(literal).join(', ')})`)
  if (feature.pattern !== undefined)
    add('does not match its pattern', `NOT regexp_full_match(${name}, ${quoteText(feature.pattern)})`)
  if (feature.unique) {
    rules.push({
      name: `${feature.name} is not unique`,
      violated: `${name} IS NOT NULL AND count(*) OVER (PARTITION BY ${name}) > 1`,
      columns: [feature.name],
      structural: false,
      unlessUnique: [feature.name],
    })
  }
  return rules
}

function expectationRules(group: FeatureGroup): Rule[] {
  return group.expectations.rows.map((condition) => ({
    name: `not (${condition})`,
    // As in SQL's CHECK: unknown is not a violation.
    violated: `(${condition}) IS FALSE`,
    columns: group.features.filter((feature) => condition.includes(feature.name)).map((feature) => feature.name),
    structural: false,
  }))
}

function literal(value: Value): string {
  return typeof value === 'string' ? quoteText(value) : String(value)
}
