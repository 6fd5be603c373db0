import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { test } from 'vitest'
import { isNeeded } from './needed.ts'

/** A real PostgreSQL on a loopback port, with a temporary folder of its own. */
export interface PostgresServer {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly url: string
  /** Runs statements as the owner of the database. */
  execute(sql: string): Promise<void>
  /** Ends the process at once, as a crash does, or in order (SIGINT); the data stays. */
  stop(signal?: 'SIGINT' | 'SIGQUIT'): Promise<void>
  /** Starts it again on the same port, with the same data. */
  start(): Promise<void>
  /** Ends the process and removes the folder. For `afterAll`. */
  remove(): Promise<void>
}

export const hasPostgres = isNeeded('PostgreSQL', whereIsPostgres() !== undefined)
export const testWithPostgres = hasPostgres ? test : test.skip

const user = 'fti'
const password = "se'cret /@:"
const database = 'flights'

/** Makes a cluster and starts it: about two seconds. The caller calls `remove`. */
export async function startPostgres(): Promise<PostgresServer> {
  const binaries = findBinaries()
  const folder = mkdtempSync(join(tmpdir(), 'fti-postgres-'))
  const owner = process.getuid?.() === 0 ? unprivileged() : undefined
  const data = join(folder, 'data')
  mkdirSync(data)
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password)
  if (owner) for (const path of [folder, data, passwordFile]) chownSync(path, owner.uid, owner.gid)
  const cluster = ['-D', data, '-U', user, '--pwfile', passwordFile, '-A', 'scram-sha-256', '--no-sync']
  const made = spawnSync(join(binaries, 'initdb'), [...cluster, '-E', 'UTF8', '--locale=C.UTF-8'], {
    ...owner,
    cwd: folder,
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`)
  const port = await freePort()
  const url = `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
  let server: ChildProcess | undefined
  const execute = (sql: string, at = database) => runStatements(url.replace(/[^/]*$/, at), sql)
  const stop = async (signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT') => {
    const running = server
    server = undefined
    if (running === undefined || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal)
    await ended
  }
  const start = async () => {
    const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off']
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
    server = spawn(join(binaries, 'postgres'), args, { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    await untilReady(server, () => execute('SELECT 1', 'postgres'))
  }
  await start()
  await execute(`CREATE DATABASE ${database}`, 'postgres')
  const remove = async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { host: '127.0.0.1', port, user, password, database, url, execute, stop, start, remove }
}

function findBinaries(): string {
  const found = whereIsPostgres()
  if (found === undefined) throw new Error('no PostgreSQL server here; install it: apt-get install postgresql')
  return found
}

/** On the path, or where Debian keeps it. */
function whereIsPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = namesIn(debian).map((version) => join(debian, version, 'bin'))
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...versions]
  return folders.find((folder) => namesIn(folder).includes('initdb'))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } {
  const id = (option: string) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function untilReady(server: ChildProcess, connect: () => Promise<void>): Promise<void> {
  let said = ''
  server.stderr?.on('data', (chunk) => {
    said += chunk
  })
  for (let tries = 0; tries < 300; tries++) {
    if (server.exitCode !== null) throw new Error(`postgres ended at once: ${said}`)
    try {
      return await connect()
    } catch (error) {
      // Refused: not listening yet. 57P03: starting up, or recovering.
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code !== 'ECONNREFUSED' && code !== '57P03') throw error
      await sleep(100)
    }
  }
  throw new Error(`postgres does not answer: ${said}`)
}

async function runStatements(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
