import { readJournal } from '../journal/journal.ts'

/**
 * What every tag named at a moment: the state after the last entry, in journal order, whose time is not later.
 * A clock that once ran ahead or behind thus disturbs only the span that it was wrong about.
 */
export async function tagsAt(root: string, model: string, date: Date): Promise<Readonly<Record<string, number>>> {
  const journal = await readJournal(root, model)
  return journal.findLast((entry) => Date.parse(entry.at) <= date.getTime())?.tags ?? {}
}
