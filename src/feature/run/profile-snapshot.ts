import { type Engine, quoteName } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { openGroup, profileRelation, readProfile, whileReading, writeProfile } from '../../store/index.ts'

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
  const { deleted } = view.published.contract
  // What was deleted has no values: it would count as nulls.
  const values =
    deleted === undefined ? view.raw : `SELECT * FROM (${view.raw}) WHERE ${quoteName(deleted)} IS NOT TRUE`
  const profile = await whileReading([view.snapshot], () => profileRelation(engine, values, columns, signal))
  await writeProfile(project.store, view.reference, profile)
}
