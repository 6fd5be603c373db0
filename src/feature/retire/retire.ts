import { join } from 'node:path'
import { FtiError } from '../../base/index.ts'
import type { ContractSelector } from '../../contract/index.ts'
import { removeOnline } from '../../online/index.ts'
import type { Project } from '../../project/index.ts'
import { acquireLock } from '../../runs/index.ts'
import { type Retirement, retireVersion } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { planRetirement, type RetirementPlan } from './retirement-plan.ts'

export interface RetireOptions {
  readonly selector: ContractSelector
  readonly by: string
  readonly why?: string | undefined
  readonly now: Date
  readonly command: string
  readonly lockWaitMs: number
  readonly signal?: AbortSignal | undefined
}

/** Ends a contract version that no tag needs: its table, its profiles and its online namespace go, its contract stays as history. */
export async function retire(
  project: Project,
  { selector, by, why, now, command, lockWaitMs: waitMs, signal }: RetireOptions,
): Promise<{ readonly plan: RetirementPlan; readonly retirement: Retirement }> {
  const { group, contractVersion: version } = selector
  const lock = await acquireLock(join(project.store, '_locks'), group, { command, waitMs, signal })
  try {
    const plan = await planRetirement(project, selector)
    if (plan.refusals.length > 0) throw refused(plan)
    const rows = plan.table?.rows ?? 0
    const retirement = await retireVersion(project.store, {
      group,
      version,
      retiredAt: now.toISOString(),
      by,
      why,
      rows,
    })
    await removeOnline(project.online, group, version)
    return { plan, retirement }
  } finally {
    await lock.release()
  }
}

function refused({ group, contractVersion, refusals }: RetirementPlan): FtiError {
  return new FtiError(featureErrors.FTI_RETIRE_REFUSED, {
    message: `${group} v${contractVersion} was not retired; nothing was removed`,
    place: `${group}@v${contractVersion}`,
    remedy: 'move the tags to versions that read a newer contract version, with: fti registry promote',
    detail: refusals.join('\n'),
    data: { group, contractVersion, refusals },
  })
}
