import type { ClientConfig } from 'pg'
import type { PostgresSource } from '../../../contract/index.ts'

const connectTimeoutMs = 10_000

/** What the client connects with. A password that stands nowhere is looked for where every client of PostgreSQL looks. */
export function connectionOf({ url, password }: PostgresSource): ClientConfig {
  const at = new URL(url)
  const secret = password ?? (at.password === '' ? undefined : decodeURIComponent(at.password))
  const database = decodeURIComponent(at.pathname.slice(1))
  return {
    host: at.hostname.replace(/^\[|\]$/g, ''),
    ...(at.port === '' ? {} : { port: Number(at.port) }),
    ...(at.username === '' ? {} : { user: decodeURIComponent(at.username) }),
    ...(database === '' ? {} : { database }),
    ...(secret === undefined ? {} : { password: secret }),
    ...sslOf(at.searchParams.get('sslmode')),
    application_name: 'fti',
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  }
}

/** The modes of libpq: from verify-ca on the certificate counts, require only encrypts. */
function sslOf(mode: string | null): ClientConfig {
  if (mode === 'verify-full' || mode === 'verify-ca') return { ssl: true }
  return mode === 'require' ? { ssl: { rejectUnauthorized: false } } : {}
}
