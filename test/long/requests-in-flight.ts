import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { bundleScript } from '../script.ts'
import type { AnswerCount } from './load-process.ts'

/** A client in a process of its own that always has a number of requests under way. */
export interface RequestsInFlight {
  /** Answers so far. */
  answered(): Promise<number>
  /** Sends no more, waits for the last answer. */
  stop(): Promise<readonly AnswerCount[]>
}

export async function keepInFlight(
  url: string,
  count: number,
  instances: readonly object[],
): Promise<RequestsInFlight> {
  const script = await bundleScript(new URL('./load-process.ts', import.meta.url))
  const child = fork(script, [url, String(count), JSON.stringify(instances)], { execArgv: [] })
  onTestFinished(() => {
    child.kill()
  })
  return {
    answered: () => ask<number>(child, 'count'),
    stop: () => ask<readonly AnswerCount[]>(child, 'stop'),
  }
}

async function ask<Reply>(child: ChildProcess, message: string): Promise<Reply> {
  const replied = once(child, 'message')
  child.send(message)
  const [reply] = await replied
  return reply as Reply
}
