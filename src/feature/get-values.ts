import { didYouMean, FtiError } from '../base/index.ts'
import type { Value, ValueType } from '../contract/index.ts'
import { quoteName, quoteText } from '../engine/index.ts'
import { openOnlineReader } from '../online/index.ts'
import type { Project } from '../project/index.ts'
import { duckdbType, knownAt, openGroup } from '../store/index.ts'
import { featureErrors } from './errors.ts'
import { openProjectEngine } from './project-engine.ts'

/** One entity's values at a moment: from the feature store, and what the online store would serve now. */
export interface EntityValues {
  readonly group: string
  readonly key: Readonly<Record<string, string>>
  readonly snapshot: number
  /** What was true and known at this moment. */
  readonly at: string
  /** Feature, event time and availability columns; null when nothing was known. */
  readonly stored: Readonly<Record<string, Value>> | null
  readonly online: {
    readonly asOf: string | null
    readonly values: Readonly<Record<string, Value>> | null
  } | null
}

/** Reads the values of one entity as they were known at `at`, optionally from an older snapshot. */
export async function getValues(
  project: Project,
  request: {
    readonly group: string
    readonly key: Readonly<Record<string, string>>
    readonly at: Date
    readonly snapshot?: number | Date | undefined
  },
): Promise<EntityValues> {
  const view = await openGroup(project.store, request.group, { at: request.snapshot })
  const { contract, version } = view.published
  const key = checkKey(request.group, contract.entity.key, request.key)
  const only = key.map(([name, value, type]) => `${quoteName(name)} = CAST(${quoteText(value)} AS ${duckdbType(type)})`)
  const stored = await storedValues(project, knownAt(view, request.at, only.join(' AND ')))
  const reader = await openOnlineReader(project.online)
  try {
    const state = reader.state(request.group, version)
    const online = reader.get(request.group, version, key.map(([, value, type]) => keyValue(value, type)))
    const values = online && Object.fromEntries((state?.features ?? []).map((name, index) => [name, online.values[index] ?? null]))
    return {
      group: request.group,
      key: request.key,
      snapshot: view.reference.snapshot,
      at: request.at.toISOString(),
      stored,
      online: state ? { asOf: state.asOf, values: values ?? null } : null,
    }
  } finally {
    reader.close()
  }
}

async function storedValues(project: Project, sql: string): Promise<Record<string, Value> | null> {
  const engine = await openProjectEngine(project)
  try {
    const [row] = await engine.rows<Record<string, Value>>(sql)
    return row ?? null
  } finally {
    await engine.close()
  }
}

/** `['tailnum=N14228']` -> `{ tailnum: 'N14228' }`. */
export function parseKey(parts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    parts.map((part) => {
      const at = part.indexOf('=')
      if (at < 1) throw invalidKey(`'${part}' is not a key`, 'write --key NAME=VALUE, once for each key column')
      return [part.slice(0, at), part.slice(at + 1)]
    }),
  )
}

function checkKey(
  group: string,
  declared: Readonly<Record<string, ValueType>>,
  given: Readonly<Record<string, string>>,
): [name: string, value: string, type: ValueType][] {
  for (const name of Object.keys(given)) {
    if (name in declared) continue
    throw invalidKey(`'${name}' is not a key of '${group}'`, didYouMean(name, Object.keys(declared)))
  }
  return Object.entries(declared).map(([name, type]) => {
    const value = given[name]
    if (value === undefined) throw invalidKey(`the key of '${group}' needs '${name}'`, `add --key ${name}=VALUE`)
    if (type !== 'string' && type !== 'timestamp' && type !== 'date' && type !== 'boolean' && !Number.isFinite(Number(value)))
      throw invalidKey(`'${value}' is not a value for ${name}, which is ${type}`, `write --key ${name}=NUMBER`)
    return [name, value, type]
  })
}

function keyValue(value: string, type: ValueType): Value {
  if (type === 'boolean') return value === 'true'
  if (type === 'string' || type === 'timestamp' || type === 'date') return value
  return Number.isSafeInteger(Number(value)) || type !== 'int64' ? Number(value) : value
}

function invalidKey(message: string, remedy: string): FtiError {
  return new FtiError(featureErrors.FTI_KEY_INVALID, { message, remedy })
}
