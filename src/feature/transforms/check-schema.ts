import { relative } from 'node:path'
import { FtiError, nearest } from '../../base/index.ts'
import { type FeatureGroup, type ValueType, widens } from '../../contract/index.ts'
import { quoteName } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { duckdbType, valueTypeOf } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import type { Sniffed } from '../sources/files/source-reader.ts'

/** A column that a group's transform must give. */
export interface ExpectedColumn {
  readonly name: string
  readonly type: ValueType
  /** Where the project file names it. */
  readonly path: readonly string[]
  /** What the group wants it for, when it is no feature. */
  readonly use?: string | undefined
}

/** A value that shows why a type is wrong. */
export interface Sample {
  readonly value: string
  readonly row: number
}

/** Key, event time, availability and features of a group. */
export function expectedColumns(
  group: Pick<FeatureGroup, 'name' | 'entity' | 'eventTime' | 'availability' | 'deleted' | 'features'>,
): ExpectedColumn[] {
  const { entity, eventTime, availability } = group
  const own = ['featureGroups', group.name]
  const columns: ExpectedColumn[] = Object.entries(entity.key).map(([name, type]) => {
    return { name, type, path: ['entities', entity.name, 'key', name], use: `key column of ${entity.name}` }
  })
  if (eventTime !== undefined)
    columns.push({ name: eventTime, type: 'timestamp', path: [...own, 'eventTime'], use: 'eventTime' })
  if (availability?.kind === 'column')
    columns.push({ name: availability.column, type: 'timestamp', path: [...own, 'availableAt'], use: 'availableAt' })
  if (group.deleted !== undefined)
    columns.push({ name: group.deleted, type: 'boolean', path: [...own, 'deleted'], use: 'deleted' })
  columns.push(...group.features.map(({ name, type }) => ({ name, type, path: [...own, 'features', name] })))
  // The event time may serve as availability, or as a key: one column, declared once.
  const first = new Map<string, ExpectedColumn>()
  for (const column of columns) if (!first.has(column.name)) first.set(column.name, column)
  return [...first.values()]
}

/**
 * Compares what the transform gives with what the contract declares and returns the SELECT list that casts the
 * harmless differences (integer to float). Any other difference is an error that names the column, where it is declared,
 * and a value where `sample` can find one.
 */
export async function checkSchema(
  project: Project,
  group: FeatureGroup,
  given: readonly Sniffed[],
  sample: (column: ExpectedColumn) => Promise<Sample | undefined> = async () => undefined,
): Promise<string> {
  const types = new Map(given.map((column) => [column.name, column.type]))
  const expected = expectedColumns(group)
  const missing = expected.filter((column) => !types.has(column.name))
  if (missing.length > 0) throw missingColumns(project, group, missing, [...types.keys()])
  const items: string[] = []
  for (const column of expected) {
    const duckdb = types.get(column.name) ?? ''
    const actual = valueTypeOf(duckdb) ?? smallIntegers[duckdb]
    if (actual === undefined || !widens(actual, column.type))
      throw wrongType(project, group, column, duckdb, await sample(column))
    const name = quoteName(column.name)
    const target = duckdbType(column.type)
    const value = duckdb === target ? name : `CAST(${name} AS ${target})`
    items.push(value === name && group.deleted === undefined ? name : `${stored(group, column, value)} AS ${name}`)
  }
  return items.join(', ')
}

/** A row that says that something was deleted has no values; a row that says nothing about it is none. */
function stored({ deleted, features }: FeatureGroup, { name }: ExpectedColumn, value: string): string {
  if (deleted === undefined) return value
  if (name === deleted) return `coalesce(${value}, false)`
  return features.some((feature) => feature.name === name)
    ? `CASE WHEN ${quoteName(deleted)} IS NOT TRUE THEN ${value} END`
    : value
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
  project: Project,
  group: FeatureGroup,
  missing: readonly ExpectedColumn[],
  given: readonly string[],
): FtiError {
  const names = missing.map((column) => column.name)
  const sql = relative(project.directory, group.transform.path)
  const near = missing.map((column) => meant(group, column, given))
  const hints = missing.map(({ name, use }, index) => {
    return `${name}${use ? ` (${use})` : ''}${near[index] === undefined ? '' : `: did you mean '${near[index]}'?`}`
  })
  const first = Math.max(
    0,
    near.findIndex((name) => name !== undefined),
  )
  const column = missing[first]
  return new FtiError(featureErrors.FTI_SCHEMA_MISMATCH, {
    message: `feature group '${group.name}' declares ${names.join(', ')}, which ${sql} does not give`,
    place: project.locate(column?.path ?? ['featureGroups', group.name]),
    remedy:
      near[first] === undefined
        ? `give the column in the SELECT list of ${sql}, or change the project file`
        : `did you mean '${near[first]}'? write that in the project file, or give ${column?.name} in ${sql}`,
    detail: [...hints, `the transform gives ${given.join(', ')}`].join('\n'),
    data: { group: group.name, missing: names, given },
  })
}

/** The column that may be meant by a name that the transform does not give. */
function meant(group: FeatureGroup, { name, use }: ExpectedColumn, given: readonly string[]): string | undefined {
  // A time may serve twice, but a column is one feature only.
  if (use !== undefined) return nearest(name, given)
  const declared = new Set(expectedColumns(group).map((column) => column.name))
  const spare = given.filter((column) => !declared.has(column))
  const before = group.features.find((feature) => feature.name === name)?.renamedFrom
  return before !== undefined && spare.includes(before) ? before : nearest(name, spare)
}

function wrongType(
  project: Project,
  group: FeatureGroup,
  column: ExpectedColumn,
  actual: string,
  sample: Sample | undefined,
): FtiError {
  const target = duckdbType(column.type)
  const sql = relative(project.directory, group.transform.path)
  const example = sample ? `; row ${sample.row} has ${JSON.stringify(sample.value)}` : ''
  const cast = `write CAST(${column.name} AS ${target}) in the SQL if that is meant, or declare another type`
  const isText = column.type === 'timestamp' && actual === 'VARCHAR'
  const declare = `declare the type of the time where it is read, types: { ${column.name}: timestamp } of its source, or `
  const hasNoZone = column.type === 'timestamp' && /^TIMESTAMP(_S|_MS|_NS)?$/.test(actual)
  return new FtiError(hasNoZone ? featureErrors.FTI_TIME_ZONE_MISSING : featureErrors.FTI_SCHEMA_MISMATCH, {
    message: `${group.name}.${column.name} is declared ${column.type}, but ${sql} gives ${actual}${example}`,
    place: project.locate(column.path),
    remedy: hasNoZone
      ? `say which zone is meant: timeZone of the source that it comes from, or timezone('UTC', ${column.name}) in the SQL`
      : `${isText ? declare : ''}${cast}`,
    data: { group: group.name, column: column.name, declared: column.type, given: actual, sample: sample ?? null },
  })
}
