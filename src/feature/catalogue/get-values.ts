import { withCleanUp } from '../../base/index.ts'
import { systemColumns, type Value } from '../../contract/index.ts'
import { quoteName, quoteText } from '../../engine/index.ts'
import { openOnlineReader } from '../../online/index.ts'
import type { Project } from '../../project/index.ts'
import { duckdbType, type GroupView, knownAt, openGroup, whileReading } from '../../store/index.ts'
import { openProjectEngine } from '../project-engine.ts'
import { type KeyPart, readKey } from './entity-key.ts'

/** One entity's values at a moment: from the feature store, and what the online store would serve now. */
export interface EntityValues {
  readonly group: string
  readonly key: Readonly<Record<string, string>>
  readonly snapshot: number
  /** What was true and known at this moment. */
  readonly at: string
  /** Feature, event time and availability columns; null when nothing was known. */
  readonly stored: Readonly<Record<string, Value>> | null
  /** Why nothing was known; null when something was. A key that was forgotten leaves no trace, as one never seen. */
  readonly absence: { readonly why: 'not stored' | 'known later' | 'deleted'; readonly knownFrom: string | null } | null
  /** Null when the online store does not hold the group. */
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
  const key = readKey(request.group, view.published.contract.entity.key, request.key)
  return {
    group: request.group,
    key: request.key,
    snapshot: view.reference.snapshot,
    at: request.at.toISOString(),
    ...(await storedValues(project, view, key, request.at)),
    online: await onlineValues(project, view, key),
  }
}

async function storedValues(
  project: Project,
  view: GroupView,
  key: readonly KeyPart[],
  at: Date,
): Promise<Pick<EntityValues, 'stored' | 'absence'>> {
  const only = key.map(
    ({ name, type, value }) => `${quoteName(name)} = CAST(${quoteText(String(value))} AS ${duckdbType(type)})`,
  )
  const engine = await openProjectEngine(project)
  const condition = only.join(' AND ')
  const read = async () => {
    const [stored] = await engine.rows<Record<string, Value>>(knownAt(view, at, condition))
    if (stored) return { stored, absence: null }
    const [all] = await engine.rows<{ first: string | null }>(firstKnown(view, condition))
    return { stored: null, absence: absenceOf(all?.first ?? null, at) }
  }
  return withCleanUp(
    () => whileReading([view.snapshot], read),
    () => engine.close(),
  )
}

/** SELECT of the moment from which a first row of the key was both true and known; null when there is no row. */
function firstKnown({ raw, published }: GroupView, condition: string): string {
  const { eventTime } = published.contract
  const times = [systemColumns.availableAt, ...(eventTime === undefined ? [] : [quoteName(eventTime)])]
  return `SELECT min(greatest(${times.join(', ')})) AS first FROM (${raw}) WHERE ${condition}`
}

function absenceOf(first: string | null, at: Date): EntityValues['absence'] {
  if (first === null) return { why: 'not stored', knownFrom: null }
  return new Date(first) > at ? { why: 'known later', knownFrom: first } : { why: 'deleted', knownFrom: null }
}

async function onlineValues(
  project: Project,
  view: GroupView,
  key: readonly KeyPart[],
): Promise<EntityValues['online']> {
  const { group, contractVersion } = view.reference
  const reader = await openOnlineReader(project.online)
  try {
    const parts = key.map(({ value }) => value)
    const online = await reader.fetch(() => [{ group, contractVersion, keys: [parts] }])
    const state = online.state(group, contractVersion)
    if (state === undefined) return null
    const found = online.get(group, contractVersion, parts)
    const values = found && Object.fromEntries(state.features.map((name, index) => [name, found.values[index] ?? null]))
    return { asOf: state.asOf, values: values ?? null }
  } finally {
    await reader.close()
  }
}
