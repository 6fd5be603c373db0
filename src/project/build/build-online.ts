import { resolve } from 'node:path'
import { parseDuration } from '../../base/index.ts'
import type { OnlineLocation } from '../../contract/index.ts'
import type { OnlineYaml } from '../schema/online-schema.ts'
import type { Inspection } from '../text/inspection.ts'

const defaultBudget = '50ms'
const longestBudgetMs = 60_000

/** `online:` of the project file: a directory, or a server by its URL. */
export function buildOnline(yaml: OnlineYaml = '.fti/online', project: string, inspection: Inspection): OnlineLocation {
  const { url, budget = defaultBudget, prefix } = typeof yaml === 'string' ? { url: yaml } : yaml
  const path = typeof yaml === 'string' ? ['online'] : ['online', 'url']
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) return { kind: 'lmdb', path: resolve(inspection.directory, url) }
  const kind = kinds.get(scheme)
  if (kind === undefined) {
    const remedy = 'write the path of a directory on a local disk, or a redis:// or postgres:// URL'
    inspection.add('FTI_PROJECT_UNSUPPORTED', path, `online: ${scheme}:// is not supported yet in this version`, remedy)
  } else if (!URL.canParse(url) || new URL(url).hostname === '') {
    inspection.add('FTI_PROJECT_VALUE', path, 'online is not a URL with a host', `write ${scheme}://host:port`)
  }
  const budgetMs = parseDuration(budget)
  if (budgetMs < 1 || budgetMs > longestBudgetMs)
    inspection.add('FTI_PROJECT_VALUE', ['online', 'budget'], `online.budget must be from 1ms to 1m`, 'write 50ms')
  return { kind: kind ?? 'redis', url, budgetMs, prefix: prefix ?? `fti_${project.replace(/[^a-z0-9_]/g, '_')}` }
}

const kinds = new Map<string, 'redis' | 'postgres'>([
  ['redis', 'redis'],
  ['rediss', 'redis'],
  ['postgres', 'postgres'],
  ['postgresql', 'postgres'],
])
