import { FtiError } from '../../base/index.ts'
import { contractOf, type Feature, type FeatureGroup, systemColumns } from '../../contract/index.ts'
import { type Engine, inFrom, quoteName, quoteText } from '../../engine/index.ts'
import { duckdbType, rawRelation, type Snapshot } from '../../store/index.ts'
import { validateRows } from '../contract/validate.ts'
import { declaredAvailability } from '../transforms/availability.ts'
import { expectedColumns } from '../transforms/check-schema.ts'
import { checkedTable } from '../transforms/inputs.ts'

export interface Quarantined {
  readonly group: FeatureGroup
  /** SELECT of the refused rows as the store keeps them. */
  readonly quarantined: string
  /** The table that they would enter; undefined before its first commit. */
  readonly snapshot: Snapshot | undefined
  readonly now: Date
}

/** Refused rows, held against the contract of now. Relations are tables of the engine. */
export interface JudgedRows {
  readonly tried: number
  readonly accepted: number
  readonly superseded: number
  readonly refused: number
  readonly stillRefused: readonly { readonly rule: string; readonly rows: number }[]
  /** What passes, as `commitRows` wants it. */
  readonly candidate: string
  /** `reason` and `row` of those that need not stay: accepted or superseded. */
  readonly settledRows: string
}

/**
 * Gives each refused row its types again and tries the contract's rules on it. Of several refused rows for one key and event
 * time the one refused last speaks; a row whose key and event time were committed after it was refused is settled already.
 */
export async function judgeQuarantine(engine: Engine, request: Quarantined): Promise<JudgedRows> {
  const { group, now } = request
  await engine.execute(
    `CREATE TABLE _refused AS SELECT row_number() OVER () AS _number, * FROM (${request.quarantined})`,
  )
  await engine.execute(
    `CREATE TABLE _retyped AS SELECT _number, quarantined_at AS _refused_at, ${retyped(group)} FROM _refused`,
  )
  await engine.execute(`CREATE TABLE _superseded AS ${supersededRows(request)}`)
  const names = expectedColumns(group).map(({ name }) => quoteName(name))
  const key = [...Object.keys(group.entity.key), ...(group.eventTime === undefined ? [] : [group.eventTime])]
  await engine.execute(
    `CREATE TABLE ${checkedTable} AS SELECT _number, ${names.join(', ')} FROM _retyped ANTI JOIN _superseded USING (_number)
     WHERE _fits QUALIFY row_number() OVER (PARTITION BY ${key.map(quoteName).join(', ')} ORDER BY _refused_at DESC, _number DESC) = 1`,
  )
  const { passed, stillRefused } = await passing(engine, group, now)
  await engine.execute(`CREATE TABLE _passed AS SELECT * FROM ${inFrom(passed)}`)
  const [counts] = await engine.rows<{ tried: number; accepted: number; superseded: number }>(
    `SELECT (SELECT count(*) FROM _refused) AS tried, (SELECT count(*) FROM _passed) AS accepted,
       (SELECT count(*) FROM _superseded) AS superseded`,
  )
  const { tried = 0, accepted = 0, superseded = 0 } = counts ?? {}
  const known = `greatest(${declaredAvailability(group)}, TIMESTAMPTZ ${quoteText(now.toISOString())})`
  return {
    tried,
    accepted,
    superseded,
    refused: tried - accepted - superseded,
    stillRefused,
    candidate: `(SELECT *, ${group.isStatic ? declaredAvailability(group) : known} AS _declared_available_at FROM _passed)`,
    settledRows: `SELECT reason, row FROM _refused
      WHERE _number IN (SELECT _number FROM _passed UNION ALL SELECT _number FROM _superseded)`,
  }
}

/** Columns from the JSON, and whether every value that is there has the type that is declared now. */
function retyped(group: FeatureGroup): string {
  const features = new Map(group.features.map((feature) => [feature.name, feature]))
  const columns = expectedColumns(group).map(({ name, type }) => {
    const text = textOf(name, features.get(name))
    return { name, text, value: `TRY_CAST(${text} AS ${duckdbType(type)})` }
  })
  const fits = columns.map(({ text, value }) => `((${text}) IS NULL OR ${value} IS NOT NULL)`).join(' AND ')
  return `${columns.map(({ name, value }) => `${value} AS ${quoteName(name)}`).join(', ')}, ${fits} AS _fits`
}

/** A row that was refused before its feature was renamed has the value under the old name. */
function textOf(name: string, feature: Feature | undefined): string {
  const at = (column: string) => `json_extract_string(row, ${quoteText(`$."${column}"`)})`
  return feature?.renamedFrom === undefined ? at(name) : `coalesce(${at(name)}, ${at(feature.renamedFrom)})`
}

function supersededRows({ group, snapshot }: Quarantined): string {
  const key = [...Object.keys(group.entity.key), ...(group.eventTime === undefined ? [] : [group.eventTime])]
  if (snapshot === undefined) return 'SELECT _number FROM _retyped WHERE false'
  const same = key.map((name) => `stored.${quoteName(name)} = _retyped.${quoteName(name)}`).join(' AND ')
  return `SELECT _number FROM _retyped SEMI JOIN (${rawRelation(snapshot, contractOf(group))}) stored
    ON ${same} AND stored.${systemColumns.committedAt} > _retyped._refused_at`
}

/** Expectations of the batch say something about a whole load, not about what was left over from several. */
async function passing(engine: Engine, declared: FeatureGroup, now: Date) {
  const expectations = { ...declared.expectations, batch: [] }
  const group: FeatureGroup = { ...declared, expectations, onInvalid: 'quarantine' }
  try {
    const place = `featureGroups.${group.name}`
    const { accepted, violations } = await validateRows(engine, group, checkedTable, now, place)
    return { passed: accepted, stillRefused: violations.map(({ rule, rows }) => ({ rule, rows })) }
  } catch (error) {
    if (!(error instanceof FtiError) || error.code !== 'FTI_CONTRACT_VIOLATED') throw error
    const violations = (error.data?.['violations'] ?? []) as readonly { rule: string; rows: number }[]
    const stillRefused = violations.map(({ rule, rows }) => ({ rule, rows }))
    return { passed: `(SELECT * FROM ${checkedTable} WHERE false)`, stillRefused }
  }
}
