import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError, removeDeadStaging, replaceFile } from '../../base/index.ts'
import { finishedSuffix, liveSuffix } from './log-segment.ts'
import { repairLog } from './repair-log.ts'

/** A segment of a prediction log with lines about somebody. */
export interface HoldingSegment {
  readonly path: string
  readonly lines: number
  /** A server is writing it, and may go on at any moment: it cannot be written again. */
  readonly isLive: boolean
}

/** Tells whether the instance of a log line, its keys and request columns, is about whom we look for. */
export type IsAbout = (instance: Readonly<Record<string, unknown>>) => boolean

/** The segments in a log's folder with lines about somebody. Changes nothing. */
export async function segmentsAbout(directory: string, isAbout: IsAbout): Promise<HoldingSegment[]> {
  const holding: HoldingSegment[] = []
  for (const name of await segmentNames(directory)) {
    const path = join(directory, name)
    const lines = (await linesOf(path)).filter((line) => isLineAbout(line, isAbout)).length
    if (lines > 0) holding.push({ path, lines, isLive: name.endsWith(liveSuffix) })
  }
  return holding
}

/** Takes those lines out of every finished segment, each whole or not at all, and returns the segments that a server still writes. */
export async function forgetRequests(directory: string, isAbout: IsAbout): Promise<HoldingSegment[]> {
  // Segments of servers that are gone become finished ones.
  await repairLog(directory)
  await removeDeadStaging(directory)
  for (const { path, isLive } of await segmentsAbout(directory, isAbout)) {
    if (isLive) continue
    const kept = (await linesOf(path)).filter((line) => !isLineAbout(line, isAbout))
    await replaceFile(path, kept.map((line) => `${line}\n`).join(''))
  }
  return segmentsAbout(directory, isAbout)
}

async function linesOf(path: string): Promise<string[]> {
  const bytes = await readFile(path)
  // Behind the lines of a live segment there are zeros.
  const zero = bytes.indexOf(0)
  const text = bytes.subarray(0, zero < 0 ? bytes.length : zero).toString('utf8')
  return text.split('\n').filter((line) => line !== '')
}

function isLineAbout(line: string, isAbout: IsAbout): boolean {
  try {
    const { instance } = JSON.parse(line) as { instance?: Readonly<Record<string, unknown>> }
    return instance !== undefined && isAbout(instance)
  } catch {
    // Cut by a crash in the middle: its server repairs it.
    return false
  }
}

async function segmentNames(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory)
    return names.filter((name) => name.endsWith(finishedSuffix) || name.endsWith(liveSuffix)).sort()
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  }
}
