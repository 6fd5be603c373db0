import { FtiError } from '../base/index.ts'
import { type ValueType, valueTypes } from '../contract/index.ts'
import { transformErrors } from './errors.ts'
import type { FittedColumn, FittedTransforms, NumberStep } from './fitted-transforms.ts'

/** Reads `transforms.json` and refuses what `fitTransforms` does not produce: other kinds, members, non-finite numbers. */
export function parseTransforms(text: string): FittedTransforms {
  const root = record(parse(text), 'the file', ['format', 'columns'])
  if (root['format'] !== 1) refuse(`its format is ${String(root['format'])}; this version of fti reads format 1`)
  const columns = list(root['columns'], 'columns').map((column, i) => readColumn(column, `columns[${i}]`))
  const names = new Set(columns.map(({ name }) => name))
  if (names.size < columns.length) refuse('two columns have one name')
  return { format: 1, columns }
}

function readColumn(value: unknown, where: string): FittedColumn {
  const members = ['name', 'type', 'kind', 'impute', 'missing', 'steps', 'categories', 'other']
  const column = record(value, where, members)
  const name = column['name']
  if (typeof name !== 'string') return refuse(`${where}.name is not text`)
  const type = valueTypes.find((known) => known === column['type'])
  if (type === undefined) return refuse(`${where}.type is not a type`)
  switch (column['kind']) {
    case 'dropped':
      record(column, where, ['name', 'type', 'kind'])
      return { name, type, kind: 'dropped' }
    case 'number': {
      record(column, where, ['name', 'type', 'kind', 'impute', 'missing', 'steps'])
      if (type === 'string') return refuse(`${where} is a string and a number`)
      const steps = list(column['steps'], `${where}.steps`).map((step, i) => readStep(step, `${where}.steps[${i}]`))
      const impute = finite(column['impute'], `${where}.impute`)
      return { name, type, kind: 'number', impute, missing: flag(column['missing'], where), steps }
    }
    case 'oneHot': {
      record(column, where, ['name', 'type', 'kind', 'categories', 'other', 'missing'])
      const categories = readCategories(column['categories'], type, where)
      const [other, missing] = [flag(column['other'], where), flag(column['missing'], where)]
      return { name, type, kind: 'oneHot', categories, other, missing }
    }
    case 'vocabulary':
      record(column, where, ['name', 'type', 'kind', 'categories'])
      return { name, type, kind: 'vocabulary', categories: readCategories(column['categories'], type, where) }
    default:
      return refuse(`${where}.kind is not one that this version of fti knows`)
  }
}

function readStep(value: unknown, where: string): NumberStep {
  const step = record(value, where, ['kind', 'min', 'max', 'mean', 'deviation'])
  switch (step['kind']) {
    case 'log':
      record(step, where, ['kind'])
      return { kind: 'log' }
    case 'clip': {
      record(step, where, ['kind', 'min', 'max'])
      const [min, max] = [finite(step['min'], where), finite(step['max'], where)]
      return min <= max ? { kind: 'clip', min, max } : refuse(`${where} clips to nothing`)
    }
    case 'standardize': {
      record(step, where, ['kind', 'mean', 'deviation'])
      const deviation = finite(step['deviation'], where)
      if (deviation <= 0) refuse(`${where}.deviation is not above 0`)
      return { kind: 'standardize', mean: finite(step['mean'], where), deviation }
    }
    default:
      return refuse(`${where}.kind is not one that this version of fti knows`)
  }
}

function readCategories(value: unknown, type: ValueType, where: string): (string | number)[] {
  const categories = list(value, `${where}.categories`)
  const fits = (category: unknown) => (type === 'string' ? typeof category === 'string' : Number.isFinite(category))
  if (!categories.every(fits)) refuse(`${where}.categories are not all values of a ${type}`)
  if (new Set(categories).size < categories.length) refuse(`${where}.categories has one twice`)
  return categories as (string | number)[]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return refuse(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** A plain object with no members but these: `__proto__` in JSON is a member like any, and is not known. */
function record(value: unknown, where: string, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(`${where} is not an object`)
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) refuse(`${where} has a member that fti does not write there`)
  return value as Record<string, unknown>
}

function list(value: unknown, where: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(`${where} is not a list`)
}

function finite(value: unknown, where: string): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : refuse(`${where} is not a finite number`)
}

function flag(value: unknown, where: string): boolean {
  return typeof value === 'boolean' ? value : refuse(`${where} has a flag that is neither true nor false`)
}

function refuse(why: string): never {
  throw new FtiError(transformErrors.FTI_TRANSFORMS_CORRUPT, {
    message: `the fitted transforms were refused: ${why}`,
    remedy: 'run `fti registry verify`; then promote or roll back to a version that is whole',
  })
}
