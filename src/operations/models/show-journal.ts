import { type JournalEntry, readJournal, tagsAt } from '../../registry/index.ts'
import { type KnownProject, requireRegisteredModel } from './lost-registry.ts'

/** A model's journal, oldest entry first. Errors: FTI_MODEL_UNKNOWN, FTI_REGISTRY_UNREACHABLE, FTI_JOURNAL_CORRUPT. */
export async function showJournal(project: KnownProject, model: string): Promise<JournalEntry[]> {
  await requireRegisteredModel(project, model)
  return await readJournal(project.registry, model)
}

/** What the tags of a model named at a moment. Errors: those of `showJournal`. */
export async function showTagsAt(
  project: KnownProject,
  model: string,
  date: Date,
): Promise<Readonly<Record<string, number>>> {
  await requireRegisteredModel(project, model)
  return await tagsAt(project.registry, model, date)
}
