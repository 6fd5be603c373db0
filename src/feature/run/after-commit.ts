import { amended, baseErrors, FtiError } from '../../base/index.ts'
import { featureErrors } from '../errors.ts'
import type { GroupOutcome } from './group-outcome.ts'

/** What is done with rows that are committed already. */
interface Afterwards {
  /** What has not happened, as half a sentence. */
  readonly failed: string
  /** The command that makes up for it. */
  readonly next: string
}

/**
 * Does something with rows that are in the table. When it fails they stay there, so its error must not read like that of a run
 * that stopped before its commit.
 */
export async function afterCommit<T>(
  outcome: Pick<GroupOutcome, 'group' | 'status' | 'snapshot'>,
  { failed, next }: Afterwards,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { group, status, snapshot } = outcome
    const done = status === 'committed' ? `'${group}' was committed as` : `all rows of '${group}' are in`
    const message = (why: string) => `${done} snapshot ${snapshot}, but ${failed}: ${why}`
    const left = `run: ${next}`
    if (!(error instanceof FtiError)) {
      const why = error instanceof Error ? error.message : String(error)
      const data = { group, snapshot }
      throw new FtiError(featureErrors.FTI_AFTER_COMMIT, { message: message(why), remedy: left, data, cause: error })
    }
    const isCancelled = error.code === baseErrors.FTI_INTERRUPTED.code
    throw amended(error, {
      message: message(isCancelled ? 'cancelled' : error.message),
      remedy: isCancelled ? left : `${error.remedy}; what is left to do then: ${next}`,
      data: { ...error.data, group, snapshot },
      cause: error,
    })
  }
}

/** What follows the commits of a group. */
export function followUps(group: string): Readonly<Record<'profile' | 'older' | 'sync' | 'release', Afterwards>> {
  return {
    profile: { failed: 'its profile was not written', next: `fti feature run ${group}` },
    older: { failed: 'an older contract version was not fed from it', next: `fti feature run ${group}` },
    release: {
      failed: 'the quarantine still has rows that are settled',
      next: `fti feature quarantine replay ${group}`,
    },
    sync: { failed: 'the online store does not have it', next: `fti feature sync ${group}` },
  }
}
