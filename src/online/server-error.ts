import { FtiError, isSystemError } from '../base/index.ts'
import { type ServerLocation, shownLocation } from '../contract/index.ts'
import { onlineErrors } from './errors.ts'

const products = { redis: 'Redis', postgres: 'PostgreSQL' } as const

/** The server is away, refuses the login, or says that it cannot work. */
export function unreachable(location: ServerLocation, error: unknown): FtiError {
  if (error instanceof FtiError) return error
  return new FtiError(onlineErrors.FTI_ONLINE_UNREACHABLE, {
    message: `${products[location.kind]} at ${shownLocation(location)} cannot be used: ${reasonOf(error)}`,
    place: shownLocation(location),
    remedy: `start the server or correct online: in the project file, then see: fti doctor`,
    cause: error,
  })
}

export function slow(location: ServerLocation, budgetMs: number): FtiError {
  return new FtiError(onlineErrors.FTI_ONLINE_SLOW, {
    message: `${products[location.kind]} at ${shownLocation(location)} has not answered in ${budgetMs} ms`,
    place: shownLocation(location),
    remedy: 'look at the load of the server, or give it more time with online: { budget: … } in the project file',
  })
}

export function full(location: ServerLocation, error: unknown): FtiError {
  return new FtiError(onlineErrors.FTI_ONLINE_FULL, {
    message: `${products[location.kind]} at ${shownLocation(location)} has no room: ${reasonOf(error)}`,
    place: shownLocation(location),
    remedy: 'give the server more memory or disk, then run: fti feature sync',
    cause: error,
  })
}

/** The values that a sync has written so far expired, or were evicted or deleted, before readers could see them. */
export function incomplete(location: ServerLocation, { written, found }: { written: number; found: number }): FtiError {
  return new FtiError(onlineErrors.FTI_ONLINE_INCOMPLETE, {
    message: `${products[location.kind]} at ${shownLocation(location)} has ${found} of the ${written} rows that a sync wrote`,
    place: shownLocation(location),
    remedy:
      'run: fti feature sync; if it comes again, rows took over an hour to be computed, or the server evicts: see fti doctor',
    data: { written, found },
  })
}

/** The client's package is an optional peer: it is loaded only here, where a project asks for it. */
export async function loadClient<Client>(location: ServerLocation, name: string, load: () => Promise<Client>) {
  try {
    return await load()
  } catch (error) {
    if (!isSystemError(error, 'ERR_MODULE_NOT_FOUND')) throw error
    throw new FtiError(onlineErrors.FTI_ONLINE_CLIENT_MISSING, {
      message: `an online store in ${products[location.kind]} needs the package '${name}', which is not installed`,
      place: shownLocation(location),
      remedy: `run: npm install ${name}`,
      cause: error,
    })
  }
}

/** Several addresses were tried: the reason of the first says enough. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
