import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { FtiError, formatDuration, isSystemError, storageError, throwIfCancelled } from '../../base/index.ts'
import type { ExecSource } from '../../contract/index.ts'
import { featureErrors } from '../errors.ts'
import type { Reading, ReadOptions } from './reading.ts'
import { fetched, spooledFiles } from './spooled.ts'

/** Runs a program and keeps what it prints. It runs once for all groups of a run, for nothing else tells what it would print. */
export async function readExec(source: ExecSource, options: ReadOptions): Promise<Reading> {
  const [program = '', ...args] = source.command
  const path = join(options.folder, `output.${source.output}`)
  options.say(`running ${basename(program)}`)
  // A group of its own, so that what the program has started ends with it.
  const child = spawn(program, args, {
    cwd: options.project.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  const tail = new Tail()
  child.stderr.on('data', (chunk: Buffer) => tail.add(chunk))
  const ended = new Promise<{ code: number | null; error?: Error }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, error }))
    child.once('close', (code) => resolve({ code }))
  })
  const stop = () => killGroup(child.pid)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    stop()
  }, source.timeoutMs)
  options.signal?.addEventListener('abort', stop, { once: true })
  try {
    const saved = pipeline(child.stdout, createWriteStream(path)).catch((error: unknown) => {
      stop()
      return storageError(error, path)
    })
    const [problem, end] = await Promise.all([saved, ended])
    throwIfCancelled(options.signal)
    if (isLate) throw failed(source, `was ended after ${formatDuration(source.timeoutMs)}`, tail)
    if (end.error) throw notStarted(source, end.error)
    // It was killed for this, so this comes before how it ended.
    if (problem !== undefined) throw problem
    if (end.code !== 0) throw failed(source, end.code === null ? 'was killed' : `ended with ${end.code}`, tail)
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', stop)
  }
  return fetched(source, await spooledFiles(source, source.output, [path], `output of ${basename(program)}`))
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch (error) {
    if (!isSystemError(error, 'ESRCH')) throw error
  }
}

const tailBytes = 4096

/** The end of what a program says on standard error. */
class Tail {
  #bytes: Buffer = Buffer.alloc(0)

  add(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]).subarray(-tailBytes)
  }

  text(): string | undefined {
    const lines = this.#bytes.toString('utf8').trimEnd().split('\n').slice(-20)
    const shown = lines.map((line) => line.replace(/\p{Cc}/gu, ' ')).join('\n')
    return shown === '' ? undefined : shown
  }
}

function failed(source: ExecSource, what: string, tail: Tail): FtiError {
  const program = basename(source.command[0] ?? '')
  return new FtiError(featureErrors.FTI_SOURCE_COMMAND, {
    message: `the program of source '${source.name}' ${what}`,
    place: `sources.${source.name}.command`,
    remedy: `run ${program} by hand in the folder of the project file, and see what it says`,
    detail: tail.text(),
    data: { source: source.name },
  })
}

function notStarted(source: ExecSource, error: Error): FtiError {
  const program = source.command[0] ?? ''
  const isMissing = isSystemError(error, 'ENOENT')
  return new FtiError(isMissing ? featureErrors.FTI_SOURCE_MISSING : featureErrors.FTI_SOURCE_COMMAND, {
    message: `the program of source '${source.name}' ${isMissing ? 'does not exist' : 'cannot be run'}: ${program}`,
    place: `sources.${source.name}.command`,
    remedy: isMissing
      ? 'install it, or correct the first entry of the list; no shell looks it up, so a path begins with ./'
      : 'make it executable: chmod +x',
    cause: error,
  })
}
