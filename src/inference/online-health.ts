import type { Signature } from '../contract/index.ts'
import type { OnlineReader } from '../online/index.ts'
import { fetchStates } from './clock.ts'

/** Why features cannot be looked up now, as a list of reasons that is empty when they can. */
export function onlineTrouble(reader: OnlineReader): string[] {
  const trouble = reader.trouble()
  return trouble === undefined ? [] : [`the online store cannot be read: ${trouble}`]
}

/** The same, and which groups of a model were never synced. Asks the store. */
export async function onlineReasons(signature: Signature, reader: OnlineReader): Promise<string[]> {
  try {
    const synced = await fetchStates(signature, reader)
    const unsynced = signature.groups.filter(
      ({ group, contractVersion }) => synced.state(group, contractVersion) === undefined,
    )
    const reasons = unsynced.map(
      ({ group, contractVersion }) => `${group} (contract ${contractVersion}) was never synced`,
    )
    return [...onlineTrouble(reader), ...reasons]
  } catch (error) {
    return [`the online store cannot be read: ${error instanceof Error ? error.message : String(error)}`]
  }
}
