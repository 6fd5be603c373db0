import type { PushSource } from '../../contract/index.ts'
import type { Reading } from './reading.ts'
import { spooledFiles } from './spooled.ts'

/** Rows that somebody handed over, in a file of ours. */
export interface PushedRows {
  readonly source: string
  readonly format: 'ndjson' | 'csv'
  readonly path: string
}

/** The rows that were pushed just now. Between pushes the source has nothing to read, which is no error. */
export async function readPush(source: PushSource, pushed: PushedRows | undefined): Promise<Reading> {
  if (pushed?.source !== source.name) {
    return {
      source,
      open: () => {
        throw new RangeError(`nothing was pushed to ${source.name}`)
      },
    }
  }
  const files = await spooledFiles(source, pushed.format, [pushed.path], 'standard input')
  return { source, digest: files.digest, open: async () => ({ ...files, isStrict: true }) }
}
