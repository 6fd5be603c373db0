import type { ServerConnection } from './server-link.ts'

const patience = { everyMs: 30_000, silentMs: 60_000 }

/**
 * Ends a connection whose server has fallen silent, so that a sync at night does not wait for ever and hold its lock. The rows may
 * take their time: the server is asked whether it lives, whatever else is going on. Returns what ends the watch.
 */
export function endWhenSilent({ ping, destroy }: Omit<ServerConnection, 'onLost'>, { everyMs, silentMs } = patience) {
  let giveUp: NodeJS.Timeout | undefined
  const spoke = () => {
    clearTimeout(giveUp)
    giveUp = undefined
  }
  const timer = setInterval(() => {
    if (giveUp !== undefined) return
    giveUp = setTimeout(destroy, silentMs)
    ping().then(spoke, spoke)
  }, everyMs)
  return () => {
    clearInterval(timer)
    spoke()
  }
}
