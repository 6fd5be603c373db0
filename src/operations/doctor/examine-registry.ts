import { counted, FtiError } from '../../base/index.ts'
import type { Project } from '../../project/index.ts'
import { listModels, requireRegistry, verifyRegistry } from '../../registry/index.ts'
import { refuseLostRegistry } from '../models/lost-registry.ts'
import type { Diagnosis } from './diagnosis.ts'

/** Whether the registry is where it was, and every byte of every version as it was registered. */
export async function examineRegistry(project: Project, signal: AbortSignal): Promise<Omit<Diagnosis, 'check'>> {
  const place = project.registry
  await refuseLostRegistry(project)
  if (await isAbsent(place)) return { state: 'ok', found: 'nothing was registered yet', place }
  const models = await listModels(place)
  const findings = await verifyRegistry(place, undefined, signal)
  const [worst] = [...findings].sort((a, b) => a.severity.localeCompare(b.severity))
  if (!worst) return { state: 'ok', found: `${counted(models.length, 'model')}, every file has its digest`, place }
  const more = findings.length > 1 ? `, and ${findings.length - 1} more: fti registry verify` : ''
  const state = worst.severity === 'corrupt' ? 'fail' : 'warn'
  return { state, found: `${worst.problem}${more}`, place: worst.place, remedy: worst.remedy }
}

/** Called when nothing is known to be lost: a folder that is not there was not made yet. */
async function isAbsent(registry: string): Promise<boolean> {
  try {
    await requireRegistry(registry)
    return false
  } catch (error) {
    if (error instanceof FtiError) return true
    throw error
  }
}
