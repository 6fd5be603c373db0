import { FtiError, nearest } from '../base/index.ts'
import { type FeatureGroup, type ValueType, widens } from '../contract/index.ts'
import { type Engine, quoteName } from '../engine/index.ts'
import { duckdbType, valueTypeOf } from '../store/index.ts'
import { featureErrors } from './errors.ts'

interface ExpectedColumn {
  readonly name: string
  readonly type: ValueType
}

/** The columns that a group's transform must give: key, event time, availability, features. */
export function expectedColumns(group: FeatureGroup): ExpectedColumn[] {
  const columns: ExpectedColumn[] = Object.entries(group.entity.key).map(([name, type]) => ({ name, type }))
  if (group.eventTime !== undefined) columns.push({ name: group.eventTime, type: 'timestamp' })
  if (group.availability?.kind === 'column') columns.push({ name: group.availability.column, type: 'timestamp' })
  columns.push(...group.features.map(({ name, type }) => ({ name, type })))
  // The event time may serve as availability, or as a key: one column, declared once.
  return [...new Map(columns.map((column) => [column.name, column])).values()]
}

/**
 * Compares what the transform gives with what the contract declares and returns the SELECT list that casts the
 * harmless differences (integer to float). Any other difference is an error that names the column and a value.
 */
export async function checkSchema(engine: Engine, group: FeatureGroup, table: string, place: string): Promise<string> {
  const given = new Map((await engine.describe(`SELECT * FROM ${table}`)).map((column) => [column.name, column.type]))
  const expected = expectedColumns(group)
  const missing = expected.filter((column) => !given.has(column.name))
  if (missing.length > 0) throw missingColumns(group, missing, [...given.keys()], place)
  const items: string[] = []
  for (const column of expected) {
    const duckdb = given.get(column.name) ?? ''
    const actual = valueTypeOf(duckdb) ?? smallIntegers[duckdb]
    if (actual === undefined || !widens(actual, column.type))
      throw await wrongType(engine, group, column, duckdb, table, place)
    const name = quoteName(column.name)
    const target = duckdbType(column.type)
    items.push(duckdb === target ? name : `CAST(${name} AS ${target}) AS ${name}`)
  }
  return items.join(', ')
}

/** Integers that no feature is declared as, by the smallest declared type that holds all of their values. */
const smallIntegers: Readonly<Record<string, ValueType>> = {
  TINYINT: 'int32',
  SMALLINT: 'int32',
  UTINYINT: 'int32',
  USMALLINT: 'int32',
  UINTEGER: 'int64',
}

function missingColumns(
  group: FeatureGroup,
  missing: readonly ExpectedColumn[],
  given: readonly string[],
  place: string,
): FtiError {
  const names = missing.map((column) => column.name)
  const declared = new Set(expectedColumns(group).map((column) => column.name))
  const spare = given.filter((name) => !declared.has(name))
  const hints = names.map((name) => {
    const near = nearest(name, spare)
    return near === undefined ? name : `${name}: did you mean '${near}'?`
  })
  return new FtiError(featureErrors.FTI_SCHEMA_MISMATCH, {
    message: `feature group '${group.name}' declares ${names.join(', ')}, which its transform does not give`,
    place,
    remedy: 'give the column in the SELECT list, or change the features of the group in the project file',
    detail: [...hints, `the transform gives ${given.join(', ')}`].join('\n'),
    data: { group: group.name, missing: names, given },
  })
}

async function wrongType(
  engine: Engine,
  group: FeatureGroup,
  column: ExpectedColumn,
  actual: string,
  table: string,
  place: string,
): Promise<FtiError> {
  const target = duckdbType(column.type)
  const name = quoteName(column.name)
  const [sample] = await engine.rows<{ value: string; row: number }>(
    `SELECT CAST(${name} AS VARCHAR) AS value, row FROM (SELECT ${name}, row_number() OVER () AS row FROM ${table})
     WHERE ${name} IS NOT NULL ORDER BY (TRY_CAST(CAST(${name} AS VARCHAR) AS ${target}) IS NOT NULL), row LIMIT 1`,
  )
  const example = sample ? `; row ${sample.row} has ${JSON.stringify(sample.value)}` : ''
  const hasNoZone = column.type === 'timestamp' && /^TIMESTAMP(_S|_MS|_NS)?$/.test(actual)
  return new FtiError(hasNoZone ? featureErrors.FTI_TIME_ZONE_MISSING : featureErrors.FTI_SCHEMA_MISMATCH, {
    message: `${group.name}.${column.name} is declared ${column.type}, but the transform gives ${actual}${example}`,
    place,
    remedy: hasNoZone
      ? `say which zone is meant: timeZone of the source that it comes from, or timezone('UTC', ${column.name}) in the SQL`
      : `write CAST(${column.name} AS ${target}) in the SQL if that is meant, or declare another type`,
    data: { group: group.name, column: column.name, declared: column.type, given: actual, sample: sample ?? null },
  })
}
