import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { isSystemError, withCleanUp } from '../base/index.ts'
import type { Engine } from '../engine/index.ts'
import {
  type Erasure,
  erase,
  type ForgetScope,
  forgetScope,
  type HeldOnline,
  lockGroups,
  openProjectEngine,
  planErasure,
  sourcesNaming,
  type VersionTouched,
  versionsTouched,
} from '../feature/index.ts'
import { forgetRequests, type HoldingSegment, type IsAbout, segmentsAbout } from '../inference/index.ts'
import type { Project } from '../project/index.ts'
import type { HoldingTable } from '../store/index.ts'

/** All that there is of an entity, and what forgetting it costs. Data, so that it can be shown before it is done. */
export interface ForgetPlan {
  readonly group: string
  readonly key: Readonly<Record<string, string>>
  readonly tables: readonly Omit<HoldingTable, 'isNeededBy' | 'eventTime'>[]
  readonly datasets: readonly {
    readonly model: string
    readonly id: string
    readonly rows: number
    readonly files: readonly string[]
  }[]
  readonly online: readonly HeldOnline[]
  readonly requests: readonly HoldingSegment[]
  readonly breaks: Erasure['breaks']
  readonly stays: Erasure['stays']
}

export interface ForgetOptions {
  readonly group: string
  readonly key: Readonly<Record<string, string>>
  /** Else nothing is changed. */
  readonly apply: boolean
  readonly now: Date
  readonly command: string
  readonly lockWaitMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Erases an entity from tables, quarantine, training datasets, online store and prediction logs; or only says where it is.
 * Returns what was found, and, when it was erased, what is left of it.
 */
export async function forget(
  project: Project,
  options: ForgetOptions,
): Promise<{ readonly plan: ForgetPlan; readonly left: ForgetPlan | null }> {
  const { group, key, apply, command, lockWaitMs: waitMs, signal } = options
  const scope = await forgetScope(project, group, key)
  const versions = await versionsTouched(project.registry, scope)
  const isAbout = isRequestAbout(scope, versions)
  const engine = await openProjectEngine(project)
  const work = async () => {
    // Nothing here changes a source, so before and after it has the same.
    const sources = await sourcesNaming(engine, project, scope, signal)
    const look = async (erasure: Erasure) =>
      planOf(project, scope, { ...erasure, stays: [...erasure.stays, ...sources] }, await segments(project, isAbout))
    if (!apply) return { plan: await look(await planErasure(engine, project, scope, versions, signal)), left: null }
    const lock = await lockGroups(project, scope.groups, { command, waitMs, signal })
    const locked = () => eraseAll(engine, project, { scope, versions, isAbout, look }, options)
    return withCleanUp(locked, () => lock.release())
  }
  return withCleanUp(work, () => engine.close())
}

interface Found {
  readonly scope: ForgetScope
  readonly versions: readonly VersionTouched[]
  readonly isAbout: IsAbout
  readonly look: (erasure: Erasure) => Promise<ForgetPlan>
}

async function eraseAll(
  engine: Engine,
  project: Project,
  { scope, versions, isAbout, look }: Found,
  { now, command, signal }: ForgetOptions,
): Promise<{ plan: ForgetPlan; left: ForgetPlan }> {
  const erasure = await planErasure(engine, project, scope, versions, signal)
  const plan = await look(erasure)
  await erase(project, scope, erasure, { engine, entity: scope.entity, now, command, signal })
  for (const directory of await logFolders(project)) await forgetRequests(directory, isAbout)
  // Not taken for granted: it is looked for again, everywhere.
  return { plan, left: await look(await planErasure(engine, project, scope, versions, signal)) }
}

function planOf(
  project: Pick<Project, 'directory'>,
  { group, key }: ForgetScope,
  { tables, datasets, online, breaks, stays }: Erasure,
  requests: readonly HoldingSegment[],
): ForgetPlan {
  return {
    ...{ group, key, online, breaks, stays },
    tables: tables.map(({ isNeededBy: _, eventTime: __, ...table }) => ({
      ...table,
      path: relative(project.directory, table.path),
    })),
    datasets: datasets.map(({ dataset, rows, files }) => ({ model: dataset.model, id: dataset.id, rows, files })),
    requests: requests.map((segment) => ({ ...segment, path: relative(project.directory, segment.path) })),
  }
}

/** A request names the entity by the columns through which a version looks up one of its groups, or by the key's own names. */
function isRequestAbout({ entity }: ForgetScope, versions: readonly VersionTouched[]): IsAbout {
  const uses = [{}, ...versions.flatMap((version) => version.uses)] as readonly Readonly<Record<string, string>>[]
  return (instance) =>
    uses.some((on) => entity.every(({ name, value }) => String(instance[on[name] ?? name]) === String(value)))
}

async function segments(project: Pick<Project, 'store'>, isAbout: IsAbout): Promise<HoldingSegment[]> {
  const found: HoldingSegment[] = []
  for (const directory of await logFolders(project)) found.push(...(await segmentsAbout(directory, isAbout)))
  return found
}

/** Of every service that ever logged here, in the project file or not. */
async function logFolders({ store }: Pick<Project, 'store'>): Promise<string[]> {
  const folder = join(store, '_predictions')
  const names = await readdir(folder).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  })
  return names.sort().map((name) => join(folder, name))
}
