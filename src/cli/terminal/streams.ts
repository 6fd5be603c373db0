import { exitCode } from '../../base/index.ts'
import { cliErrors } from '../fate/errors.ts'

/**
 * A reader that went away (`fti runs list | head -1`) is no error, and must not stop work that writes elsewhere.
 * Any other failure of standard output (a full disk behind `>`) loses the result: the exit code says so.
 */
export function watchStreams(): void {
  // oclif's own handler would throw whatever is not EPIPE.
  process.stdout.removeAllListeners('error')
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isGone(error)) return
    process.exitCode = exitCode.resources
    process.stderr.write(`${cliErrors.FTI_OUTPUT_FAILED.code}: cannot write to standard output: ${error.message}\n`)
  })
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    // There is nowhere left to complain to.
    if (!isGone(error)) process.exitCode = exitCode.resources
  })
}

function isGone(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED'
}
