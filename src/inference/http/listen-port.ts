import { once } from 'node:events'
import { createServer } from 'node:net'
import { FtiError, isSystemError } from '../../base/index.ts'
import { inferenceErrors } from '../errors.ts'

/** Throws when the address cannot be listened on now. Port 0 takes any that is free. */
export async function refuseBusyPort(host: string, port: number): Promise<void> {
  if (port === 0) return
  const trial = createServer()
  try {
    trial.listen({ host, port, exclusive: true })
    await once(trial, 'listening')
  } catch (error) {
    throw listenError(error, host, port)
  } finally {
    if (trial.listening) await new Promise<void>((resolve) => trial.close(() => resolve()))
  }
}

/** Why an address cannot be listened on: FTI_PORT_IN_USE or FTI_LISTEN_FAILED. */
export function listenError(error: unknown, host: string, port: number): FtiError {
  if (isSystemError(error, 'EADDRINUSE')) {
    return new FtiError(inferenceErrors.FTI_PORT_IN_USE, {
      message: `port ${port} of ${host} is in use by another process`,
      place: `${host}:${port}`,
      remedy: `stop it (see 'ss -ltnp sport = :${port}'), or choose another port with --port`,
      cause: error,
    })
  }
  return new FtiError(inferenceErrors.FTI_LISTEN_FAILED, {
    message: `cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`,
    place: `${host}:${port}`,
    remedy: 'choose another port or host; ports below 1024 need a privilege',
    cause: error,
  })
}
