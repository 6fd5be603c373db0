import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const bin = join(import.meta.dirname, '../../bin/run.js')

/** A command in a project, as a process of its own. */
export interface Program {
  readonly directory: string
  readonly words: readonly string[]
  /** The bundled `tell-calls.ts`. */
  readonly clock: string
  /** Regular expression: the call before which the program freezes, such as `link .*parquet`. */
  readonly freezeBefore?: string | undefined
  /** What it reads from standard input; nothing unless given. */
  readonly input?: string | undefined
}

/** A stretch of a program's life: from its n-th call that changes the disk (0: its start) to the next one, or to its end. */
export interface Stretch {
  readonly call: number
  /** What was called, on which path. */
  readonly what: string
  readonly lastsMs: number
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly said: string
}

/** Runs a program to its end, undisturbed; where its calls were. */
export async function stretchesOf(program: Program): Promise<{ ended: Ended; stretches: Stretch[] }> {
  const begun = [{ what: 'start', at: performance.now() }]
  const ended = await follow(program, (_, what) => begun.push({ what, at: performance.now() }))
  const end = performance.now()
  const stretches = begun.map(({ what, at }, call) => ({ call, what, lastsMs: (begun[call + 1]?.at ?? end) - at }))
  return { ended, stretches }
}

/** Kills a program so long after its n-th call. Where it was faster this time, it ended as it likes. */
export async function killedAt(program: Program, call: number, afterMs: number): Promise<Ended> {
  let timer: NodeJS.Timeout | undefined
  const killLater = (child: ChildProcess) => {
    timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs)
  }
  let calls = 0
  const ended = await follow(
    program,
    (child) => {
      if (++calls === call) killLater(child)
    },
    (child) => {
      if (call === 0) killLater(child)
    },
  )
  clearTimeout(timer)
  return ended
}

/** Runs a command to its end, as anybody does. */
export async function run({ directory, words, input }: Omit<Program, 'clock' | 'freezeBefore'>): Promise<Ended> {
  return ended(
    spawn(process.execPath, [bin, ...words], {
      cwd: directory,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    }),
    input,
  )
}

/** Runs a program to its end and tells of its start and of each of its calls. */
export async function follow(
  { directory, words, clock, freezeBefore, input }: Program,
  onCall: (child: ChildProcess, what: string) => void,
  onStart?: (child: ChildProcess) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', clock, bin, ...words], {
    cwd: directory,
    env: { ...process.env, ...(freezeBefore === undefined ? {} : { FTI_FREEZE_BEFORE: freezeBefore }) },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
  })
  createInterface(child.stdio[3] as Readable).on('line', (what) => onCall(child, what))
  onStart?.(child)
  return ended(child, input)
}

async function ended(child: ChildProcess, input: string | undefined): Promise<Ended> {
  // A killed program may not have read it all.
  child.stdin?.on('error', () => {}).end(input)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, said }
}
