import type { Project } from '../project/index.ts'
import { type JournalEntry, type Rollback, rollbackTag } from '../registry/index.ts'
import { requireRegisteredModel } from './lost-registry.ts'

/** Moves a tag of a model back to what it named before. Errors: those of `rollbackTag`; a lost registry is told as such. */
export async function rollBack(
  project: Pick<Project, 'state' | 'directory' | 'registry' | 'models'>,
  model: string,
  rollback: Rollback,
): Promise<JournalEntry> {
  await requireRegisteredModel(project, model)
  return await rollbackTag(project.registry, model, rollback)
}
