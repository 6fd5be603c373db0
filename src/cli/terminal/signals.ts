import { exitCode } from '../../base/index.ts'

/** The user's wish to stop, as a signal that rooms can follow. */
export interface Interrupts {
  readonly signal: AbortSignal
  /** Takes the handlers off again, so that the next Ctrl-C has its usual effect. */
  release(): void
}

/**
 * The first SIGINT or SIGTERM aborts, so that the work ends between two steps and cleans up.
 * The second ends the process at once, for work that does not listen: nothing half-done is
 * visible either way, since the last step of every write is one rename or link.
 */
export function watchInterrupts(announce: (text: string) => void): Interrupts {
  const controller = new AbortController()
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted)
    announce(name === 'SIGINT' ? 'stopping; press Ctrl-C again to stop at once' : 'stopping')
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
