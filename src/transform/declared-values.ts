import { isNumeric, type Value, type ValueType } from '../contract/index.ts'

/** Ends with an error that says what project code did wrong, such as "reads 'delay'". */
export type Refuse = (what: string) => never

/**
 * A prototype for a row that project code is given: it refuses to be asked for any name that the row does not have itself.
 * Symbols and `then` are asked for by printing and by `await`.
 */
export function undeclaredGuard(refuse: (key: string, what: string) => never): object {
  return new Proxy(Object.freeze(Object.create(null) as object), {
    get: (_target, key) => (typeof key === 'symbol' || key === 'then' ? undefined : refuse(key, 'reads')),
    has: (_target, key) => (typeof key === 'symbol' ? false : refuse(key, 'looks for')),
    set: (_target, key) => refuse(String(key), 'writes'),
  })
}

/** What project code returned, when it has exactly the declared names and types. NaN counts as null. */
export function declaredValues(
  answer: unknown,
  outputs: readonly (readonly [string, ValueType])[],
  refuse: Refuse,
): Record<string, Value> {
  if (typeof answer !== 'object' || answer === null) refuse(`returned ${typeof answer}, not an object`)
  const given = answer as Record<string, unknown>
  const checked: Record<string, Value> = {}
  for (const [name, type] of outputs) {
    if (!Object.hasOwn(given, name)) refuse(`returned no '${name}'`)
    checked[name] = declaredValue(given[name], name, type, refuse)
  }
  const keys = Object.keys(given)
  if (keys.length > outputs.length) {
    const extra = keys.find((key) => !outputs.some(([name]) => name === key))
    refuse(`returned '${extra}', which is not one of its outputs`)
  }
  return checked
}

function declaredValue(value: unknown, name: string, type: ValueType, refuse: Refuse): Value {
  if (value === null || (typeof value === 'number' && Number.isNaN(value))) return null
  if (type === 'string' ? typeof value === 'string' : type === 'boolean' && typeof value === 'boolean') {
    return value as Value
  }
  if ((isNumeric(type) || type === 'timestamp' || type === 'date') && typeof value === 'number') {
    const isWhole = type === 'int32' ? (value | 0) === value : type === 'int64' ? Number.isSafeInteger(value) : true
    if (Number.isFinite(value) && isWhole) return value
    return refuse(`returned a number for '${name}' that is no ${type}`)
  }
  return refuse(`returned ${typeof value} for '${name}', which is declared ${type}`)
}
