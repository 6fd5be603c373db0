import type { ServerLocation } from '../contract/index.ts'
import { type FetchedGroup, FetchedValues, mergeWants, StateMemory, type WantedKeys } from './fetched-values.ts'
import type { OnlineReader, OnlineValues, OnlineWant, ReaderOptions } from './reader.ts'
import { slow, unreachable } from './server-error.ts'
import { type ServerConnection, ServerLink } from './server-link.ts'

/** What is particular to one kind of server. */
export interface ServerQuestions<Connection extends ServerConnection> {
  readonly connect: () => Promise<Connection>
  /** Reads the groups in their order, each in one step of the server; all in one round trip. */
  readonly fetchGroups: (connection: Connection, wanted: readonly WantedKeys[]) => Promise<readonly FetchedGroup[]>
}

/** A command may wait this long. */
const patientMs = 30_000

/** Reads from a server over one connection that is kept, lost and found again (see `ServerLink`). */
export async function openServerReader<Connection extends ServerConnection>(
  location: ServerLocation,
  { connect, fetchGroups }: ServerQuestions<Connection>,
  { onTrouble, onBack, budgetMs = patientMs }: ReaderOptions,
): Promise<OnlineReader> {
  const link = await ServerLink.open({
    connect,
    budgetMs,
    unreachable: (error) => unreachable(location, error),
    slow: (budget) => slow(location, budget),
    onTrouble,
    onBack,
  })
  const memory = new StateMemory()
  return {
    async fetch(wants: () => readonly OnlineWant[]): Promise<OnlineValues> {
      const wanted = mergeWants(wants())
      const fetched = await link.ask((connection) => fetchGroups(connection, wanted))
      return new FetchedValues(wanted, fetched, memory)
    },
    trouble: () => link.trouble?.message,
    close: async () => link.close(),
  }
}
