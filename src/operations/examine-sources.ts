import { missingSources } from '../feature/index.ts'
import type { Project } from '../project/index.ts'
import type { Diagnosis } from './diagnosis.ts'

/** Whether every source has a file; one finding for each that has none. */
export async function examineSources(project: Project): Promise<readonly Diagnosis[]> {
  const missing = await missingSources(project)
  if (missing.length === 0)
    return [{ check: 'sources', state: 'ok', found: `${project.sources.size} sources, all have files` }]
  return missing.map(({ message, place, remedy }) => ({
    check: 'sources',
    state: 'fail',
    found: message,
    place,
    remedy,
  }))
}
