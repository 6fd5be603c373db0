import type { Profile, SnapshotReference } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { type GroupView, openGroup, profileRelation, readProfile, whileReading } from '../../store/index.ts'
import { openProjectEngine } from '../project-engine.ts'

export interface GroupProfile extends SnapshotReference {
  readonly profile: Profile
}

/** Statistics of every feature over all rows of a snapshot: those that its run kept, or computed now where there are none. */
export async function profileGroup(
  project: Project,
  group: string,
  at?: number | Date,
  signal?: AbortSignal,
): Promise<GroupProfile> {
  const view = await openGroup(project.store, group, { at })
  const kept = await readProfile(project.store, view.reference)
  if (kept !== undefined) return { ...view.reference, profile: kept }
  const engine = await openProjectEngine(project)
  try {
    return { ...view.reference, profile: await computeProfile(engine, view, signal) }
  } finally {
    await engine.close()
  }
}

export function computeProfile(engine: Engine, view: GroupView, signal?: AbortSignal): Promise<Profile> {
  const columns = view.published.contract.features.map(({ name, type }) => ({ name, type }))
  return whileReading([view.snapshot], () => profileRelation(engine, view.raw, columns, signal))
}
