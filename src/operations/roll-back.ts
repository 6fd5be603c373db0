import { type JournalEntry, type Rollback, rollbackTag } from '../registry/index.ts'
import { type KnownProject, requireRegisteredModel } from './lost-registry.ts'

/** Moves a tag of a model back to what it named before. Errors: those of `rollbackTag`; a lost registry is told as such. */
export async function rollBack(project: KnownProject, model: string, rollback: Rollback): Promise<JournalEntry> {
  await requireRegisteredModel(project, model)
  return await rollbackTag(project.registry, model, rollback)
}
