import { counted } from '../../base/index.ts'
import { missingSources, unreachableSources } from '../../feature/index.ts'
import type { Project } from '../../project/index.ts'
import type { Diagnosis } from './diagnosis.ts'

/** Whether every source is there: its files, or a server that takes a connection. One finding for each that is not. */
export async function examineSources(project: Project): Promise<readonly Diagnosis[]> {
  const missing = [...(await missingSources(project)), ...(await unreachableSources(project))]
  if (missing.length === 0)
    return [{ check: 'sources', state: 'ok', found: `${counted(project.sources.size, 'source')}, all there` }]
  return missing.map(({ message, place, remedy }) => ({
    check: 'sources',
    state: 'fail',
    found: message,
    place,
    remedy,
  }))
}
