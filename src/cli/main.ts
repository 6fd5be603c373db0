import { exitCode } from '../base/index.ts'
import { dispatch } from './dispatch.ts'
import { fateOf } from './fate/fate.ts'
import { printFate } from './fate/print-fate.ts'
import { watchStreams } from './terminal/streams.ts'
import { talkOf } from './terminal/talk.ts'

/**
 * The program. Sets the exit code instead of calling `process.exit`, which would cut a pipe short
 * (3 MB of JSON ended after 64 KiB).
 */
export async function main(argv: string[], root: string): Promise<void> {
  watchStreams()
  process.on('uncaughtException', (error) => {
    void printFate(fateOf(error, { command: argv[0], aborted: false }), talkOf(argv)).finally(() =>
      process.exit(exitCode.failed),
    )
  })
  const exit = await dispatch(argv, root)
  // A failure to write the result has set its own code by now or will set it later; it must not be overwritten.
  if (exit !== exitCode.done) process.exitCode = exit
}
