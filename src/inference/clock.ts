import { FtiError } from '../base/index.ts'
import type { Signature } from '../contract/index.ts'
import type { OnlineReader, OnlineValues } from '../online/index.ts'
import { inferenceErrors } from './errors.ts'

/** What ages count from: the present, or one moment of the past at which the server stands still. */
export interface ServingClock {
  nowMs(): number
  /** The replay moment, said in every reply; undefined when the clock runs. */
  readonly replay: string | undefined
}

export function servingClock(replay: Date | undefined): ServingClock {
  if (replay === undefined) return { nowMs: Date.now, replay: undefined }
  const frozen = replay.getTime()
  return { nowMs: () => frozen, replay: replay.toISOString() }
}

/** What was last synced of the groups that a model reads. */
export async function fetchStates({ groups }: Signature, reader: OnlineReader): Promise<Pick<OnlineValues, 'state'>> {
  return reader.fetch(() => groups.map(({ group, contractVersion }) => ({ group, contractVersion, keys: [] })))
}

/**
 * Refuses a replay moment before the one that the online store is as of: it has overwritten what was newest then.
 * Errors: FTI_REPLAY_TOO_EARLY naming the sync.
 */
export async function checkReplay(clock: ServingClock, signature: Signature, reader: OnlineReader): Promise<void> {
  if (clock.replay === undefined) return
  const synced = await fetchStates(signature, reader)
  for (const { group, contractVersion } of signature.groups) {
    const state = synced.state(group, contractVersion)
    const moment = state && (state.asOf ?? state.syncedAt)
    if (state === undefined || moment === undefined || Date.parse(moment) <= clock.nowMs()) continue
    throw new FtiError(inferenceErrors.FTI_REPLAY_TOO_EARLY, {
      message: `the clock stands at ${clock.replay}, before ${moment}, which ${group} is as of (sync ${state.syncId})`,
      place: group,
      remedy: `run 'fti feature sync --as-of ${clock.replay}', or serve with --now ${moment} or later`,
    })
  }
}
