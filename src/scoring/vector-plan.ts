import { columnOf, type Signature, type SignatureGroup, type Value, type ValueType } from '../contract/index.ts'
import type { OnlineWant } from '../online/index.ts'
import { type FeatureLookup, unavailable } from './feature-lookup.ts'
import type { Instance } from './instance.ts'

/** What was found on the way to a vector. */
export interface VectorInfo {
  /** In the order of `signature.columns`, before the model-dependent transforms. */
  readonly values: readonly Value[]
  /** Label of the group -> milliseconds from event time to the clock; null when static or when nothing was served. */
  readonly ages: Readonly<Record<string, number | null>>
  /** Labels of groups that do not know the entity; their features are imputed. */
  readonly unknown: readonly string[]
  /** Labels of groups whose value is older than `maxAge`; their features are imputed. */
  readonly stale: readonly string[]
  /** Labels of groups whose value lies ahead of the clock; their features are imputed. */
  readonly ahead: readonly string[]
  /** Labels of groups that the online store could not be asked for; their features are imputed. */
  readonly unavailable: readonly string[]
}

/** Runs the on-demand function on one instance. */
export type OnDemandCall = (instance: Instance) => Readonly<Record<string, Value>>

/** Collects the values of one instance; everything that depends only on the signature was decided when it was made. */
export type Gather = (instance: Instance, lookup: FeatureLookup, nowMs: number) => VectorInfo

/** How a group is called in ages and warnings: its name, and its prefix where it is joined by another key. */
export function groupLabel(group: SignatureGroup): string {
  return group.as === undefined ? group.group : `${group.group}.${group.as}`
}

export function compileGather(signature: Signature, onDemand: OnDemandCall | undefined): Gather {
  const slots = slotsByName(signature)
  const width = signature.columns.length
  const groups = signature.groups.map((group) => planGroup(group, signature, slots))
  const direct = slotsOf([...Object.keys(signature.entityKeys), ...signature.request.map(({ name }) => name)], slots)
  const made = slotsOf(Object.keys(signature.onDemand?.outputs ?? {}), slots)
  return (instance, lookup, nowMs) => {
    const values: Value[] = new Array(width).fill(null)
    const found = {
      values,
      ages: {} as Record<string, number | null>,
      unknown: [],
      stale: [],
      ahead: [],
      unavailable: [],
    }
    for (const { name, slot } of direct) values[slot] = instance[name] ?? null
    for (const plan of groups) lookUp(plan, instance, lookup, nowMs, found)
    if (onDemand !== undefined) {
      const outputs = onDemand(instance)
      for (const { name, slot } of made) values[slot] = outputs[name] ?? null
    }
    return found
  }
}

/** Which keys of the online store the instances of a request will be looked up by. */
export function compileWants(signature: Signature): (instances: readonly Instance[]) => OnlineWant[] {
  const slots = slotsByName(signature)
  const plans = signature.groups.map((group) => planGroup(group, signature, slots))
  return (instances) =>
    plans.map((plan) => {
      const { group, contractVersion } = plan.group
      const keys = instances.map((instance) => keyOf(plan, instance)).filter((key) => key !== undefined)
      return { group, contractVersion, keys }
    })
}

function slotsByName({ columns }: Signature): Map<string, number> {
  return new Map(columns.map(({ name }, index) => [name, index]))
}

interface Slot {
  readonly name: string
  readonly slot: number
}

/** Only the names that are columns of the vector: a timestamp that feeds on-demand code is not. */
function slotsOf(names: readonly string[], slots: ReadonlyMap<string, number>): Slot[] {
  return names.flatMap((name) => {
    const slot = slots.get(name)
    return slot === undefined ? [] : [{ name, slot }]
  })
}

interface GroupPlan {
  readonly group: SignatureGroup
  readonly label: string
  readonly key: readonly { readonly column: string; readonly normal: ((value: Value) => Value) | undefined }[]
  /** For each picked feature its place in the vector; -1 when it has none. */
  readonly targets: Int32Array
  readonly maxAgeMs: number
}

function planGroup(group: SignatureGroup, signature: Signature, slots: ReadonlyMap<string, number>): GroupPlan {
  const sent = new Map<string, ValueType>([
    ...Object.entries(signature.entityKeys),
    ...signature.request.map(({ name, type }) => [name, type] as const),
  ])
  return {
    group,
    label: groupLabel(group),
    key: Object.keys(group.key).map((name) => {
      const column = group.on[name] ?? name
      return { column, normal: normalForm[group.key[name] ?? 'string'] ?? normalForm[sent.get(column) ?? 'string'] }
    }),
    targets: Int32Array.from(group.pick, (feature) => slots.get(columnOf(group, feature)) ?? -1),
    maxAgeMs: group.maxAgeMs ?? Number.POSITIVE_INFINITY,
  }
}

/** Types of which one value can be written in two ways; the online store knows one. */
const normalForm: Partial<Record<ValueType, (value: Value) => Value>> = {
  timestamp: (value) => {
    const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
    return Number.isNaN(time) ? value : new Date(time).toISOString()
  },
  int64: (value) => (typeof value === 'string' && Number.isSafeInteger(Number(value)) ? Number(value) : value),
}

interface Found {
  readonly values: Value[]
  readonly ages: Record<string, number | null>
  readonly unknown: string[]
  readonly stale: string[]
  readonly ahead: string[]
  readonly unavailable: string[]
}

/** Undefined when a part of it is null: null equals nothing. */
function keyOf(plan: GroupPlan, instance: Instance): Value[] | undefined {
  const key: Value[] = []
  for (const { column, normal } of plan.key) {
    const value = instance[column] ?? null
    if (value === null) return undefined
    key.push(normal === undefined ? value : normal(value))
  }
  return key
}

function lookUp(plan: GroupPlan, instance: Instance, lookup: FeatureLookup, nowMs: number, found: Found): void {
  const { group, label, targets } = plan
  found.ages[label] = null
  const key = keyOf(plan, instance)
  const row = key && lookup(group, key)
  if (row === undefined) return void found.unknown.push(label)
  if (row === unavailable) return void found.unavailable.push(label)
  if (row.availableAtMs > nowMs) return void found.ahead.push(label)
  if (!group.isStatic && row.eventTimeMs !== null) {
    const age = nowMs - row.eventTimeMs
    if (age < 0) return void found.ahead.push(label)
    // Equal is not too old: the point-in-time join of training takes event_time >= t - maxAge.
    if (age > plan.maxAgeMs) return void found.stale.push(label)
    found.ages[label] = age
  }
  for (let i = 0; i < targets.length; i++) {
    const slot = targets[i] as number
    if (slot >= 0) found.values[slot] = row.values[i] ?? null
  }
}
