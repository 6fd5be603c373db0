import type { SignatureGroup, Value } from '../contract/index.ts'
import type { OnlineValues } from '../online/index.ts'

/** The newest known value of one entity. */
export interface LookedUp {
  /** In the order of the group's `pick`. */
  readonly values: readonly Value[]
  /** Epoch milliseconds; null in a static group. */
  readonly eventTimeMs: number | null
  readonly availableAtMs: number
}

/** What a lookup gives when the online store could not be asked. */
export const unavailable = Symbol('the online store could not be asked')

/** Finds an entity's values; the key is in the order of the group's `key`. Undefined when the entity is unknown. */
export type FeatureLookup = (group: SignatureGroup, key: readonly Value[]) => LookedUp | typeof unavailable | undefined

/** The lookup of a request that the online store did not answer. */
export const unavailableLookup: FeatureLookup = () => unavailable

/** Makes lookups in values of the online store; remembers in which order they are stored until a sync changes it. */
export type LookupMaker = (values: Pick<OnlineValues, 'get'>) => FeatureLookup

/** Features that a sync of a newer contract added do not disturb; those it lacks are null. */
export function lookupMaker(): LookupMaker {
  const orders = new WeakMap<SignatureGroup, PickOrder>()
  let last: { readonly values: Pick<OnlineValues, 'get'>; readonly lookup: FeatureLookup } | undefined
  return (values) => {
    // The embedded store is one object for ever.
    if (last?.values !== values) last = { values, lookup: (group, key) => lookUp(values, orders, group, key) }
    return last.lookup
  }
}

function lookUp(
  values: Pick<OnlineValues, 'get'>,
  orders: WeakMap<SignatureGroup, PickOrder>,
  group: SignatureGroup,
  key: readonly Value[],
): LookedUp | undefined {
  const found = values.get(group.group, group.contractVersion, key)
  if (found === undefined) return undefined
  let order = orders.get(group)
  if (order?.features !== found.features) {
    order = pickOrder(group, found.features)
    orders.set(group, order)
  }
  if (order.indexes === undefined) return found
  return {
    values: order.indexes.map((index) => found.values[index] ?? null),
    eventTimeMs: found.eventTimeMs,
    availableAtMs: found.availableAtMs,
  }
}

interface PickOrder {
  /** The stored order that this was made from; a sync of another order may come between two lookups. */
  readonly features: readonly string[]
  /** Undefined when the stored order is the picked order already. */
  readonly indexes: readonly number[] | undefined
}

function pickOrder(group: SignatureGroup, features: readonly string[]): PickOrder {
  const indexes = group.pick.map((feature) => features.indexOf(feature))
  const same = indexes.length === features.length && indexes.every((index, i) => index === i)
  return { features, indexes: same ? undefined : indexes }
}
