import { safeName } from '../../base/index.ts'
import type { ServerLocation } from '../../contract/index.ts'
import type { FetchedGroup, WantedKeys } from '../fetched-values.ts'
import type { OnlineReader, ReaderOptions } from '../reader.ts'
import { unreachable } from '../server-error.ts'
import type { ServerConnection } from '../server-link.ts'
import { openServerReader } from '../server-reader.ts'
import { askTogether } from './ask-together.ts'
import { connectMs, connectPostgres } from './connect-postgres.ts'
import { isAbsent, tablesIn } from './postgres-tables.ts'

interface ReadingConnection extends ServerConnection {
  readonly fetch: (wanted: readonly WantedKeys[]) => Promise<readonly FetchedGroup[]>
}

/** One statement for all that is asked for at a time. */
export function openPostgresReader(location: ServerLocation, options: ReaderOptions): Promise<OnlineReader> {
  const questions = {
    connect: () => connectReader(location),
    fetchGroups: ({ fetch }: ReadingConnection, wanted: readonly WantedKeys[]) => fetch(wanted),
  }
  return openServerReader(location, questions, options)
}

/** Every lookup is by primary key; whatever the statistics say of a table that was just filled, no other plan is as good. */
const byKeyOnly = `SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; SET enable_mergejoin = off;
  SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off;`
/** A statement that its reader has long given up, behind a lock for example, must not stay on the server. */
const givenUp = `SET statement_timeout = '30s'`

/** Asks the tables themselves whether they answer: a server can accept connections while a lock holds every lookup. */
async function connectReader(location: ServerLocation): Promise<ReadingConnection> {
  const { client, destroy, onLost } = await connectPostgres(location)
  const { text, values, answers } = lookup(location)
  const fetch = askTogether(async (wanted: readonly WantedKeys[]) => {
    try {
      const query = { name: 'fti_online', text, values: values(wanted), rowMode: 'array' }
      return answers(wanted, (await client.query<Found>(query)).rows)
    } catch (error) {
      if (isAbsent(error)) return wanted.map(() => ({ state: null, rows: [] }))
      throw error
    }
  })
  const ping = () => fetch([])
  const late = setTimeout(destroy, connectMs)
  try {
    await client.query(byKeyOnly + givenUp)
    await ping()
    return { fetch, ping, destroy, onLost }
  } catch (error) {
    destroy()
    throw unreachable(location, error)
  } finally {
    clearTimeout(late)
  }
}

/** Ordinal of the group, from 1; ordinal of the key among all keys, or null with the group's state. */
type Found = [group: number, key: number | null, text: string]

/** States, then values, in one statement: one statement sees one moment of the database, so one sync of each group. */
function lookup(location: ServerLocation) {
  const { syncs, values } = tablesIn(location)
  return {
    text: `WITH wanted AS (
        SELECT w.n, s.namespace, s.state
        FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS w(feature_group, contract_version, n)
        JOIN ${syncs} s USING (feature_group, contract_version))
      SELECT n::int, NULL AS k, state FROM wanted
      UNION ALL
      SELECT w.n::int, a.k::int, v.value FROM unnest($3::int[], $4::text[]) WITH ORDINALITY AS a(n, key, k)
      JOIN wanted w ON w.n = a.n JOIN ${values} v ON v.namespace = w.namespace AND v.key = a.key`,
    values: (wanted: readonly WantedKeys[]) => [
      wanted.map(({ group }) => safeName(group, 'feature group')),
      wanted.map(({ contractVersion }) => Math.trunc(contractVersion)),
      wanted.flatMap(({ keys }, i) => keys.map(() => i + 1)),
      wanted.flatMap(({ keys }) => keys),
    ],
    answers: sorted,
  }
}

function sorted(wanted: readonly WantedKeys[], found: readonly Found[]): FetchedGroup[] {
  const groups = wanted.map(({ keys }) => ({ state: null as string | null, rows: new Array<string>(keys.length) }))
  const starts = [1]
  for (const { keys } of wanted) starts.push((starts.at(-1) ?? 1) + keys.length)
  for (const [n, k, text] of found) {
    const group = groups[n - 1]
    if (group === undefined) continue
    if (k === null) group.state = text
    else group.rows[k - (starts[n - 1] ?? 1)] = text
  }
  return groups
}
