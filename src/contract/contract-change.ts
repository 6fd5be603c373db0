import { canonicalJson } from '../base/index.ts'
import type { Contract } from './contract.ts'
import type { Feature } from './feature.ts'
import { widens } from './value-type.ts'

/** `compatible`: readers notice nothing, or more. `breaking`: a value they read is gone or means something else. */
export type ChangeClass = 'compatible' | 'breaking'

export interface ContractChange {
  readonly class: ChangeClass
  /** The feature, or the part of the contract: `entity`, `eventTime`. */
  readonly subject: string
  /** One line for people: `float64 -> int32`. */
  readonly what: string
  /** True of a change that only says something about the values: no row is made again for it. */
  readonly metadata?: true
}

/** Every difference between a published contract and a declared one, each with its class. Empty when readers see the same. */
export function compareContracts(published: Contract, declared: Contract): ContractChange[] {
  return [...compareShape(published, declared), ...compareFeatures(published, declared)]
}

/** `breaking` when any change is. */
export function classOf(changes: readonly ContractChange[]): ChangeClass {
  return changes.some((change) => change.class === 'breaking') ? 'breaking' : 'compatible'
}

function compareShape(a: Contract, b: Contract): ContractChange[] {
  const changes: ContractChange[] = []
  const differ = (subject: string, before: unknown, after: unknown, of: ChangeClass | 'metadata') => {
    if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return
    const what = `${show(before)} -> ${show(after)}`
    changes.push(
      of === 'metadata' ? { class: 'compatible', subject, what, metadata: true } : { class: of, subject, what },
    )
  }
  differ('entity key', Object.entries(a.entity.key), Object.entries(b.entity.key), 'breaking')
  differ('static', a.isStatic, b.isStatic, 'breaking')
  differ('event time', a.eventTime, b.eventTime, 'breaking')
  differ('availability', a.availability, b.availability, 'breaking')
  // Rows of before have no mark and are no tombstones; without the column those that are would be values.
  differ('deleted', a.deleted, b.deleted, a.deleted === undefined ? 'compatible' : 'breaking')
  differ('expectations', a.expectations, b.expectations, 'compatible')
  differ('maxAge', a.maxAgeMs, b.maxAgeMs, 'metadata')
  differ('owner', a.owner, b.owner, 'metadata')
  differ('description', a.description, b.description, 'metadata')
  return changes
}

function compareFeatures(a: Contract, b: Contract): ContractChange[] {
  const changes: ContractChange[] = []
  const before = new Map(a.features.map((feature) => [feature.name, feature]))
  const after = new Map(b.features.map((feature) => [feature.name, feature]))
  const renamed = new Set<string>()
  for (const feature of after.values()) {
    const old = before.get(feature.name)
    const { name, renamedFrom } = feature
    const former = renamedFrom === undefined || after.has(renamedFrom) ? undefined : before.get(renamedFrom)
    if (old) changes.push(...compareFeature(old, feature))
    else if (former) {
      renamed.add(former.name)
      changes.push({ class: 'breaking', subject: name, what: `renamed from ${former.name}` })
      changes.push(...compareFeature({ ...former, name }, feature))
    } else if (feature.nullable) changes.push({ class: 'compatible', subject: feature.name, what: 'new, nullable' })
    else
      changes.push({ class: 'breaking', subject: feature.name, what: 'new and not nullable: older rows have no value' })
  }
  for (const name of before.keys()) {
    if (!after.has(name) && !renamed.has(name)) changes.push({ class: 'breaking', subject: name, what: 'dropped' })
  }
  return changes
}

function compareFeature(a: Feature, b: Feature): ContractChange[] {
  const changes: ContractChange[] = []
  const add = (changeClass: ChangeClass, what: string) => changes.push({ class: changeClass, subject: a.name, what })
  if (a.type !== b.type) add('breaking', `${a.type} -> ${b.type}${widens(a.type, b.type) ? ' (wider)' : ''}`)
  if ((a.unit ?? '') !== (b.unit ?? '')) add('breaking', `unit ${a.unit ?? 'none'} -> ${b.unit ?? 'none'}`)
  // Both ways: readers count on a value that is always there, and stored rows without one would break the new promise.
  if (a.nullable !== b.nullable)
    add('breaking', b.nullable ? 'may be null' : 'never null: older rows may have no value')
  if (canonicalJson(a.range ?? null) !== canonicalJson(b.range ?? null))
    add(byWidth(rangeIsWider(a, b)), `range ${show(a.range)} -> ${show(b.range)}`)
  if (canonicalJson(a.oneOf ?? null) !== canonicalJson(b.oneOf ?? null))
    add(byWidth(choiceIsWider(a, b)), `allowed values ${show(a.oneOf)} -> ${show(b.oneOf)}`)
  // Which of two patterns lets more pass nobody can tell; none at all lets everything pass.
  if (a.pattern !== b.pattern) add(byWidth(b.pattern === undefined), `pattern ${show(a.pattern)} -> ${show(b.pattern)}`)
  if ((a.unique ?? false) !== (b.unique ?? false)) add('compatible', b.unique ? 'unique' : 'no longer unique')
  if (a.description !== b.description)
    changes.push({ class: 'compatible', subject: a.name, what: 'description', metadata: true })
  return changes
}

/** What is wider lets every stored row pass; what is narrower would refuse rows that readers already use. */
function byWidth(isWider: boolean): ChangeClass {
  return isWider ? 'compatible' : 'breaking'
}

function choiceIsWider({ oneOf: before }: Feature, { oneOf: after }: Feature): boolean {
  return after === undefined || (before?.every((value) => after.includes(value)) ?? false)
}

function rangeIsWider(a: Feature, b: Feature): boolean {
  const [minA, maxA] = [a.range?.[0] ?? -Infinity, a.range?.[1] ?? Infinity]
  const [minB, maxB] = [b.range?.[0] ?? -Infinity, b.range?.[1] ?? Infinity]
  return minB <= minA && maxB >= maxA
}

function show(value: unknown): string {
  if (value === undefined || value === null) return 'none'
  return typeof value === 'string' ? value : canonicalJson(value)
}
