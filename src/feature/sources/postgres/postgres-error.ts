import type { Client } from 'pg'
import { didYouMean, type ErrorEntry, FtiError } from '../../../base/index.ts'
import type { PostgresSource } from '../../../contract/index.ts'
import { featureErrors } from '../../errors.ts'

interface Explanation {
  readonly entry: ErrorEntry
  readonly what: string
  readonly remedy: string
}

/** What the client or the server says, as an error of the source. Never the password: neither says it. */
export async function postgresError(
  client: Client,
  source: PostgresSource,
  place: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof Error) || error instanceof FtiError) return error
  const code = 'code' in error ? String(error.code) : ''
  // Neither the server's nor the system's, but a mistake of ours.
  if (code === '' && error.name !== 'Error') return error
  const { entry, what, remedy } =
    byCode(source, code, error.message) ?? (await missing(client, source, code, error.message))
  const detail = 'hint' in error && error.hint ? String(error.hint) : undefined
  return new FtiError(entry, {
    message: `source '${source.name}' ${what}`,
    place,
    remedy,
    detail,
    data: { source: source.name, code },
    cause: error,
  })
}

/** SQLSTATE and codes of the operating system. */
function byCode({ name, timeoutMs }: PostgresSource, code: string, message: string): Explanation | undefined {
  const at = `sources.${name}`
  if (/^28/.test(code) || /password/i.test(message)) {
    const remedy = `check the user in ${at}.url, and that the environment variable of its password is still good`
    return { entry: featureErrors.FTI_SOURCE_DENIED, what: `refuses the login: ${message}`, remedy }
  }
  if (code === '42501') {
    const remedy = 'grant this user the right to read: GRANT SELECT ON … TO …'
    return { entry: featureErrors.FTI_SOURCE_DENIED, what: `refuses to be read: ${message}`, remedy }
  }
  if (code === '3D000') {
    return { entry: featureErrors.FTI_SOURCE_MISSING, what: `is not there: ${message}`, remedy: `correct ${at}.url` }
  }
  if (code === '57014') {
    const remedy = `ask for less, add an index, or raise ${at}.timeout`
    return { entry: featureErrors.FTI_SOURCE_UNREACHABLE, what: `took longer than ${timeoutMs / 1000} s`, remedy }
  }
  const isNetwork = /^(E[A-Z]+|08...|57P..|53...|)$/.test(code)
  if (!isNetwork) return undefined
  const remedy = 'see whether the server runs and can be reached from here, then run this again; nothing was committed'
  const what = code === 'ECONNREFUSED' ? 'refuses the connection' : `cannot be reached: ${message || code}`
  return { entry: featureErrors.FTI_SOURCE_UNREACHABLE, what, remedy }
}

async function missing(client: Client, source: PostgresSource, code: string, message: string): Promise<Explanation> {
  const key = source.read.query === undefined ? 'table' : 'query'
  const remedy = `correct sources.${source.name}.${key}`
  if (code === '42P01') {
    const table = source.read.table ?? /"(.*)"/.exec(message)?.[1] ?? ''
    const near = didYouMean(table, await tablesOf(client), remedy)
    return {
      entry: featureErrors.FTI_SOURCE_MISSING,
      what: `has no such table: ${message}`,
      remedy: near,
    }
  }
  const entry = code === '42703' ? featureErrors.FTI_SOURCE_COLUMN_MISSING : featureErrors.FTI_SOURCE_UNREADABLE
  return { entry, what: `does not take the query: ${message}`, remedy }
}

async function tablesOf(client: Client): Promise<string[]> {
  try {
    await client.query('ROLLBACK')
    const { rows } = await client.query<{ schema: string; name: string }>(
      `SELECT table_schema AS schema, table_name AS name FROM information_schema.tables
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`,
    )
    return rows.map(({ schema, name }) => (schema === 'public' ? name : `${schema}.${name}`))
  } catch {
    // Only the suggestion is lost.
    return []
  }
}
