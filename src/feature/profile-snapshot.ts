import type { Engine } from '../engine/index.ts'
import type { Project } from '../project/index.ts'
import { openGroup, profileRelation, readProfile, whileReading, writeProfile } from '../store/index.ts'

/** Statistics of every row of the newest snapshot, unless they are there: the run that committed it may have died before them. */
export async function profileSnapshot(
  engine: Engine,
  project: Pick<Project, 'store'>,
  { group, contractVersion }: { readonly group: string; readonly contractVersion: number },
  signal?: AbortSignal,
): Promise<void> {
  const view = await openGroup(project.store, group, { contractVersion })
  if ((await readProfile(project.store, view.reference)) !== undefined) return
  const columns = view.published.contract.features.map(({ name, type }) => ({ name, type }))
  const profile = await whileReading([view.snapshot], () => profileRelation(engine, view.raw, columns, signal))
  await writeProfile(project.store, view.reference, profile)
}
