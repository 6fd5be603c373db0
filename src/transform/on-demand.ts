import { FtiError, parseTime } from '../base/index.ts'
import type { Value, ValueType } from '../contract/index.ts'
import { declaredValues, undeclaredGuard } from './declared-values.ts'
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
  const guard = guardOf(Object.keys(spec.inputs))
  return (row) => {
    const given: Record<string, OnDemandValue> = {}
    for (const [name, type] of inputs) given[name] = inputOf(row, name, type)
    // Own members are found before the guard is asked, so that only undeclared ones cost more than in a plain object.
    Object.setPrototypeOf(given, guard)
    return declaredValues(call(run, given), outputs, refuseOutput)
  }
}

function guardOf(declared: readonly string[]): object {
  return undeclaredGuard((key, what) => {
    throw new FtiError(transformErrors.FTI_ON_DEMAND_INPUT, {
      message: `the on-demand function ${what} '${key}', which is not one of its inputs`,
      remedy: `add '${key}' to onDemand.inputs (now: ${declared.join(', ')}), or do not use it`,
    })
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

function refuseOutput(what: string): never {
  throw new FtiError(transformErrors.FTI_ON_DEMAND_OUTPUT, {
    message: `the on-demand function ${what}`,
    remedy: 'return one object with exactly the columns and types of onDemand.outputs, or null for unknown ones',
  })
}
