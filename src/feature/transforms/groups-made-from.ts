import { withCleanUp } from '../../base/index.ts'
import type { Project } from '../../project/index.ts'
import { openProjectEngine } from '../project-engine.ts'
import { orderGroups } from './order-groups.ts'

/** Names of the groups of the project that read a group, at first or second hand, in order of dependency. */
export async function groupsMadeFrom(project: Project, name: string): Promise<string[]> {
  const engine = await openProjectEngine(project)
  const ordered = await withCleanUp(
    () => orderGroups(project, [], engine),
    () => engine.close(),
  )
  const made = new Set([name])
  for (const { group, reads } of ordered) if (reads.some((read) => made.has(read))) made.add(group.name)
  made.delete(name)
  return [...made]
}
