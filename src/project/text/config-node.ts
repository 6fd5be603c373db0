import type { ConfigPath } from './config-path.ts'
import type { Spot } from './project-text.ts'

/** A project file as a tree in which every value knows where it was written; overlays keep their own places. */
export type ConfigNode = ScalarNode | ListNode | MapNode
export type ConfigValue = string | number | boolean | null | ConfigValue[] | { [key: string]: ConfigValue }

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As written, before `${env:…}` is filled in: the only form that may be shown. */
  readonly written: string
  /** Unquoted, or inside a flow collection, where YAML does not let `${env:…}` stand unquoted. */
  readonly isPlain: boolean
  readonly spot: Spot
}

interface ListNode {
  readonly kind: 'list'
  readonly items: readonly ConfigNode[]
  readonly spot: Spot
}

interface MapNode {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, ConfigEntry>
  readonly spot: Spot
}

export interface ConfigEntry {
  readonly keySpot: Spot
  readonly node: ConfigNode
}

/** Plain data. Objects have no prototype, so that no key can reach one. */
export function toValue(node: ConfigNode): ConfigValue {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(toValue)
  const object = Object.create(null) as { [key: string]: ConfigValue }
  for (const [key, entry] of node.entries) object[key] = toValue(entry.node)
  return object
}

/** `over` on top of `base`: maps are merged key by key, everything else is replaced whole. */
export function mergeNodes(base: ConfigNode, over: ConfigNode): ConfigNode {
  if (base.kind !== 'map' || over.kind !== 'map') return over
  const entries = new Map(base.entries)
  for (const [key, entry] of over.entries) {
    const old = entries.get(key)
    entries.set(
      key,
      old?.node.kind === 'map' && entry.node.kind === 'map'
        ? { ...old, node: mergeNodes(old.node, entry.node) }
        : entry,
    )
  }
  return { ...base, entries }
}

/** The same tree with every scalar replaced. */
export function mapScalars(
  node: ConfigNode,
  change: (scalar: ScalarNode, path: ConfigPath) => ScalarNode,
  path: ConfigPath = [],
): ConfigNode {
  if (node.kind === 'scalar') return change(node, path)
  if (node.kind === 'list')
    return { ...node, items: node.items.map((item, i) => mapScalars(item, change, [...path, i])) }
  const entries = new Map<string, ConfigEntry>()
  for (const [key, entry] of node.entries)
    entries.set(key, { ...entry, node: mapScalars(entry.node, change, [...path, key]) })
  return { ...node, entries }
}

/** The deepest node on a path, with the place of its key when it has one; `isWhole` when the path exists to its end. */
export function findNode(root: ConfigNode, path: ConfigPath): { node: ConfigNode; keySpot?: Spot; isWhole: boolean } {
  let found: { node: ConfigNode; keySpot?: Spot } = { node: root }
  for (const step of path) {
    const { node } = found
    const entry = node.kind === 'map' ? node.entries.get(String(step)) : undefined
    const item = node.kind === 'list' && typeof step === 'number' ? node.items[step] : undefined
    if (entry) found = entry
    else if (item) found = { node: item }
    else return { ...found, isWhole: false }
  }
  return { ...found, isWhole: true }
}

/** Where to point for a path: at the value, or at its key when the value begins on a later line. */
export function spotOf(root: ConfigNode, path: ConfigPath, prefer: 'key' | 'value' = 'value'): Spot {
  const { node, keySpot } = findNode(root, path)
  if (!keySpot) return node.spot
  if (prefer === 'key' || keySpot.source !== node.spot.source) return keySpot
  const between = keySpot.source.text.slice(keySpot.offset, node.spot.offset)
  return node.spot.offset < keySpot.offset || between.includes('\n') ? keySpot : node.spot
}
