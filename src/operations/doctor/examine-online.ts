import { counted, countedInGroups } from '../../base/index.ts'
import { shownLocation } from '../../contract/index.ts'
import { listSyncStates, onlineDanger, openOnlineReader } from '../../online/index.ts'
import type { Project } from '../../project/index.ts'
import type { Diagnosis } from './diagnosis.ts'

const asked = 5

/** Whether the online store answers, how fast, and what is in it. */
export async function examineOnline({ online }: Pick<Project, 'online'>): Promise<Omit<Diagnosis, 'check'>> {
  const place = shownLocation(online)
  const synced = await listSyncStates(online)
  const keys = synced.reduce((sum, { state }) => sum + state.rows, 0)
  const held = `${counted(synced.length, 'feature group')}, ${countedInGroups(keys, 'key')}`
  if (online.kind === 'lmdb') return { state: 'ok', found: `${held} in a local directory (LMDB)`, place }
  const ms = await roundTrip(online)
  const found = `${held}; answers in ${ms.toFixed(1)} ms, the budget is ${online.budgetMs} ms`
  const danger = await onlineDanger(online)
  if (danger !== undefined)
    return { state: 'warn', found: `${found}; ${danger}`, place, remedy: 'set maxmemory-policy noeviction' }
  if (ms * 2 < online.budgetMs) return { state: 'ok', found, place }
  const remedy = 'a request waits no longer than the budget: bring the server nearer, or set online: { budget: … }'
  return { state: 'warn', found, place, remedy }
}

/** Median of a few questions over one connection, in milliseconds. */
async function roundTrip(online: Project['online']): Promise<number> {
  const reader = await openOnlineReader(online)
  try {
    const took: number[] = []
    for (let i = 0; i < asked; i++) {
      const began = performance.now()
      await reader.fetch(() => [{ group: 'doctor', contractVersion: 1, keys: [['ping']] }])
      took.push(performance.now() - began)
    }
    return took.sort((a, b) => a - b)[Math.floor(asked / 2)] ?? 0
  } finally {
    await reader.close()
  }
}
