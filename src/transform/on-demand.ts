import { FtiError, parseTime } from '../base/index.ts'
import { isNumeric, type Value, type ValueType } from '../contract/index.ts'
import { transformErrors } from './errors.ts'

/**
 * A pure function from declared inputs to declared outputs, as project code exports it.
 * It gets numbers, strings and booleans, null where a value is unknown; timestamps and dates come as
 * **milliseconds since 1970 in UTC** (a date as its midnight), so that nothing is parsed per row.
 */
export type OnDemandFunction = (row: Readonly<Record<string, OnDemandValue>>) => Readonly<Record<string, unknown>>
type OnDemandValue = string | number | boolean | null

export interface OnDemandSpec {
  readonly inputs: Readonly<Record<string, ValueType>>
  readonly outputs: Readonly<Record<string, ValueType>>
}

/** Takes at least the inputs (timestamps as ISO 8601 or as milliseconds); gives exactly the outputs. */
export type OnDemandCall = (row: Readonly<Record<string, Value>>) => Record<string, Value>

/**
 * Guards an on-demand function: it sees its declared inputs and no other column, and its answer is checked.
 * NaN among the outputs counts as null. Throws FTI_TIME_INVALID, FTI_ON_DEMAND_INPUT, FTI_ON_DEMAND_OUTPUT, FTI_ON_DEMAND_FAILED.
 */
export function wrapOnDemand(run: OnDemandFunction, spec: OnDemandSpec): OnDemandCall {
  const inputs = Object.entries(spec.inputs)
  const outputs = Object.entries(spec.outputs)
  const guard = undeclaredGuard(Object.keys(spec.inputs))
  return (row) => {
    const given: Record<string, OnDemandValue> = {}
    for (const [name, type] of inputs) given[name] = inputOf(row, name, type)
    // Own members are found before the guard is asked, so that only undeclared ones cost more than in a plain object.
    Object.setPrototypeOf(given, guard)
    return checkOutputs(call(run, given), outputs)
  }
}

/** A prototype that refuses to be asked. Symbols and `then` are asked for by printing and by `await`. */
function undeclaredGuard(declared: readonly string[]): object {
  const refuse = (key: string | symbol, what: string): never => {
    throw new FtiError(transformErrors.FTI_ON_DEMAND_INPUT, {
      message: `the on-demand function ${what} '${String(key)}', which is not one of its inputs`,
      remedy: `add '${String(key)}' to onDemand.inputs (now: ${declared.join(', ')}), or do not use it`,
    })
  }
  return new Proxy(Object.freeze(Object.create(null) as object), {
    get: (_target, key) => (typeof key === 'symbol' || key === 'then' ? undefined : refuse(key, 'reads')),
    has: (_target, key) => (typeof key === 'symbol' ? false : refuse(key, 'looks for')),
    set: (_target, key) => refuse(key, 'writes'),
  })
}

function inputOf(row: Readonly<Record<string, Value>>, name: string, type: ValueType): OnDemandValue {
  const value = Object.hasOwn(row, name) ? row[name] : undefined
  if (value === undefined) {
    throw new FtiError(transformErrors.FTI_ON_DEMAND_INPUT, {
      message: `the input '${name}' of the on-demand function is absent from the row`,
      remedy: `make '${name}' a request column or a feature of this model`,
    })
  }
  if ((type !== 'timestamp' && type !== 'date') || typeof value !== 'string') return value
  // Without a zone `Date.parse` would read it in the zone of this machine.
  return parseTime(value).getTime()
}

function call(run: OnDemandFunction, given: Readonly<Record<string, OnDemandValue>>): unknown {
  try {
    return run(given)
  } catch (error) {
    if (error instanceof FtiError) throw error
    throw new FtiError(transformErrors.FTI_ON_DEMAND_FAILED, {
      message: `the on-demand function threw: ${error instanceof Error ? error.message : String(error)}`,
      remedy: 'make it return null for what it cannot compute; inputs may be null',
      cause: error,
    })
  }
}

function checkOutputs(answer: unknown, outputs: readonly [string, ValueType][]): Record<string, Value> {
  if (typeof answer !== 'object' || answer === null) refuseOutput(`returned ${typeof answer}, not an object`)
  const given = answer as Record<string, unknown>
  const checked: Record<string, Value> = {}
  for (const [name, type] of outputs) {
    if (!Object.hasOwn(given, name)) refuseOutput(`returned no '${name}'`)
    checked[name] = outputValue(given[name], name, type)
  }
  const keys = Object.keys(given)
  if (keys.length > outputs.length) {
    const extra = keys.find((key) => !outputs.some(([name]) => name === key))
    refuseOutput(`returned '${extra}', which is not one of its outputs`)
  }
  return checked
}

function outputValue(value: unknown, name: string, type: ValueType): Value {
  if (value === null || (typeof value === 'number' && Number.isNaN(value))) return null
  if (type === 'string' ? typeof value === 'string' : type === 'boolean' && typeof value === 'boolean') {
    return value as Value
  }
  if ((isNumeric(type) || type === 'timestamp' || type === 'date') && typeof value === 'number') {
    const isWhole = type === 'int32' ? (value | 0) === value : type === 'int64' ? Number.isSafeInteger(value) : true
    if (Number.isFinite(value) && isWhole) return value
    return refuseOutput(`returned a number for '${name}' that is no ${type}`)
  }
  return refuseOutput(`returned ${typeof value} for '${name}', which is declared ${type}`)
}

function refuseOutput(what: string): never {
  throw new FtiError(transformErrors.FTI_ON_DEMAND_OUTPUT, {
    message: `the on-demand function ${what}`,
    remedy: 'return one object with exactly the columns and types of onDemand.outputs, or null for unknown ones',
  })
}
