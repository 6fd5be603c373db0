import type { ServerLocation } from '../../contract/index.ts'
import { type FetchedGroup, FetchedValues, mergeWants, StateMemory, type WantedKeys } from '../fetched-values.ts'
import type { OnlineReader, OnlineValues, OnlineWant, ReaderOptions } from '../reader.ts'
import { slow, unreachable } from '../server-error.ts'
import { ServerLink } from '../server-link.ts'
import { connectRedis, type RedisConnection } from './connect-redis.ts'
import { liveHash, stateField } from './redis-keys.ts'

const patientMs = 30_000

/** One HMGET for each group, sent together. State and values come from one command, so they are of one sync. */
export class RedisReader implements OnlineReader {
  private readonly location: ServerLocation
  private readonly link: ServerLink<RedisConnection>
  private readonly memory = new StateMemory()

  private constructor(location: ServerLocation, link: ServerLink<RedisConnection>) {
    this.location = location
    this.link = link
  }

  static async open(location: ServerLocation, { onTrouble, onBack, budgetMs }: ReaderOptions): Promise<RedisReader> {
    const link = await ServerLink.open({
      connect: () => connectRedis(location),
      budgetMs: budgetMs ?? patientMs,
      unreachable: (error) => unreachable(location, error),
      slow: (budget) => slow(location, budget),
      onTrouble,
      onBack,
    })
    return new RedisReader(location, link)
  }

  async fetch(wants: () => readonly OnlineWant[]): Promise<OnlineValues> {
    const wanted = mergeWants(wants())
    const fetched = await this.link.ask((connection) =>
      Promise.all(wanted.map((keys) => this.fetchGroup(connection, keys))),
    )
    return new FetchedValues(wanted, fetched, this.memory)
  }

  trouble(): string | undefined {
    return this.link.trouble?.message
  }

  async close(): Promise<void> {
    this.link.close()
  }

  private async fetchGroup(
    { client }: RedisConnection,
    { group, contractVersion, keys }: WantedKeys,
  ): Promise<FetchedGroup> {
    const [state = null, ...rows] = await client.hmGet(liveHash(this.location.prefix, group, contractVersion), [
      stateField,
      ...keys,
    ])
    return { state, rows }
  }
}
