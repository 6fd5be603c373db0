import type { Node, Pair, Scalar } from 'yaml'
import type { ConfigEntry, ConfigNode, ScalarNode } from './config-node.ts'
import { type Problem, syntaxError } from './problem.ts'
import { type ProjectText, placeOf, type Spot } from './project-text.ts'

const maxDepth = 64
/** Values after aliases are expanded. A real project has some thousands; a bomb has billions. */
const maxValues = 100_000

type Yaml = typeof import('yaml')

/** Where the reader is: how deep, inside `{…}` or `[…]`, and whether by way of an alias. */
interface Position {
  readonly depth: number
  readonly isInFlow: boolean
  readonly isExpanding: boolean
}

/** Turns YAML nodes into config nodes, counting as it expands aliases. Duplicate and unsafe keys become problems. */
export class TreeReader {
  readonly #yaml: Yaml
  readonly #source: ProjectText
  readonly #problems: Problem[]
  /** The library's own look-up walks the document for every alias. */
  readonly #anchors = new Map<string, Node>()
  #values = 0

  constructor(yaml: Yaml, source: ProjectText, problems: Problem[]) {
    this.#yaml = yaml
    this.#source = source
    this.#problems = problems
  }

  read(node: Node, position: Position): ConfigNode {
    const spot = this.#spot(node)
    this.#values++
    if (this.#values > maxValues) {
      const remedy = 'remove the aliases (*name) that repeat one another'
      throw syntaxError(spot, `expands to more than ${maxValues} values`, remedy)
    }
    if (position.depth > maxDepth) {
      throw syntaxError(
        spot,
        `is nested more than ${maxDepth} deep`,
        'flatten the file; an alias may not contain itself',
      )
    }
    if (this.#yaml.isAlias(node)) return this.#expand(node.source, spot, position)
    if (node.anchor !== undefined && !position.isExpanding) this.#anchors.set(node.anchor, node)
    const inside = { ...position, depth: position.depth + 1 }
    if (this.#yaml.isMap(node)) {
      const entries = this.#entries(node.items as Pair<Node, Node | null>[], {
        ...inside,
        isInFlow: position.isInFlow || node.flow === true,
      })
      return { kind: 'map', entries, spot }
    }
    if (this.#yaml.isSeq(node)) {
      const at = { ...inside, isInFlow: position.isInFlow || node.flow === true }
      return { kind: 'list', items: node.items.map((item) => this.read(item as Node, at)), spot }
    }
    return this.#scalar(node as Scalar, position)
  }

  #expand(name: string, spot: Spot, position: Position): ConfigNode {
    const target = this.#anchors.get(name)
    if (!target)
      throw syntaxError(
        spot,
        `has an alias without an anchor before it: *${name}`,
        `write &${name} at the value it repeats`,
      )
    return this.read(target, { ...position, depth: position.depth + 1, isExpanding: true })
  }

  #scalar(node: Scalar, { isInFlow }: Position): ScalarNode {
    const spot = this.#spot(node)
    const { value, type } = node
    const written = this.#source.text.slice(spot.offset, node.range?.[1] ?? spot.offset)
    const isPlain = isInFlow || type === 'PLAIN'
    const isKnown =
      value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return { kind: 'scalar', value: isKnown ? value : written, written, isPlain, spot }
  }

  #entries(pairs: readonly Pair<Node, Node | null>[], position: Position): Map<string, ConfigEntry> {
    const entries = new Map<string, ConfigEntry>()
    for (const { key: keyNode, value } of pairs) {
      const keySpot = this.#spot(keyNode)
      const key = this.#key(keyNode, keySpot)
      if (key === undefined) continue
      const first = entries.get(key)
      if (first) {
        const at = placeOf(first.keySpot).replace(/^.*:(\d+):\d+$/, 'line $1')
        this.#problem('FTI_PROJECT_SYNTAX', keySpot, `duplicate key '${key}', already on ${at}`, 'keep one of the two')
        continue
      }
      const empty: ConfigNode = { kind: 'scalar', value: null, written: '', isPlain: true, spot: keySpot }
      entries.set(key, { keySpot, node: value === null ? empty : this.read(value, position) })
    }
    return entries
  }

  #key(node: Node, spot: Spot): string | undefined {
    if (!this.#yaml.isScalar(node) || node.value === null) {
      this.#problem('FTI_PROJECT_TYPE', spot, 'a key must be plain text', 'write name: value')
      return undefined
    }
    const key = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
    if (key === '<<') {
      const remedy = 'repeat the keys, or use an overlay fti.config.<env>.yaml'
      this.#problem('FTI_PROJECT_KEY_UNKNOWN', spot, 'merge keys (<<) are not supported', remedy)
      return undefined
    }
    // Names of columns become keys of objects everywhere; `toString` among them would be found where nobody put it.
    if (key === 'prototype' || Object.hasOwn(Object.prototype, key)) {
      this.#problem('FTI_PROJECT_NAME', spot, `'${key}' may not be a key`, 'choose another name')
      return undefined
    }
    return key
  }

  #problem(code: Problem['code'], spot: Spot, message: string, remedy: string): void {
    this.#problems.push({ code, message, remedy, spot })
  }

  #spot(node: Node | null): Spot {
    return { source: this.#source, offset: node?.range?.[0] ?? 0 }
  }
}
