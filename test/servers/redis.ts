import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { isNeeded } from './needed.ts'

/** A real Redis of this test alone: Debian's `redis-server` on a free loopback port, its data in a temporary folder. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** Sends a signal: SIGSTOP lets it hang, SIGCONT wakes it, SIGKILL ends it. */
  signal(name: NodeJS.Signals): void
  /** Ends it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>
  /** Starts it again on the same port with the data that reached its disk. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const folders = (process.env['PATH'] ?? '').split(':')
export const hasRedis = isNeeded(
  'redis-server',
  folders.some((folder) => existsSync(join(folder, 'redis-server'))),
)
export const testWithRedis = hasRedis ? test : test.skip

export async function startRedis(options: readonly string[] = []): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'fti-redis-'))
  const port = await freePort()
  const start = () => spawnRedis(['--port', String(port), '--dir', directory, '--appendonly', 'yes', ...options])
  let process = await start()
  const kill = async () => {
    process.kill('SIGKILL')
    await gone(process)
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    signal: (name) => {
      process.kill(name)
    },
    kill,
    restart: async () => {
      process = await start()
    },
    stop: async () => {
      await kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

const always = ['--bind', '127.0.0.1', '--save', '', '--daemonize', 'no', '--appendfsync', 'always']

async function spawnRedis(options: readonly string[]): Promise<ChildProcess> {
  const child = spawn('redis-server', [...always, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  let told = ''
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (part) => {
      told += part
      if (told.includes('Ready to accept connections')) resolve()
    })
    child.stderr.on('data', (part) => {
      told += part
    })
    child.once('error', () => reject(new Error('this test needs redis-server 7: apt-get install redis-server')))
    child.once('exit', () => reject(new Error(`redis-server did not start:\n${told}`)))
  })
  await ready
  return child
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('exit', resolve))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a listening socket has no port')
  return address.port
}
