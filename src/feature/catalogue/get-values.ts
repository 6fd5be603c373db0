import { withCleanUp } from '../../base/index.ts'
import type { Value } from '../../contract/index.ts'
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
    stored: await storedValues(project, view, key, request.at),
    online: await onlineValues(project, view, key),
  }
}

async function storedValues(project: Project, view: GroupView, key: readonly KeyPart[], at: Date) {
  const only = key.map(
    ({ name, type, value }) => `${quoteName(name)} = CAST(${quoteText(String(value))} AS ${duckdbType(type)})`,
  )
  const engine = await openProjectEngine(project)
  const select = knownAt(view, at, only.join(' AND '))
  const read = () => whileReading([view.snapshot], () => engine.rows<Record<string, Value>>(select))
  const [row] = await withCleanUp(read, () => engine.close())
  return row ?? null
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
