import { readFile } from 'node:fs/promises'
import { replaceFile } from '../../base/index.ts'
import { type Engine, quoteFile } from '../../engine/index.ts'
import type { AddFile, DeltaAction } from '../delta/delta-action.ts'
import { type CheckpointFiles, type LogListing, logFile, readLog } from '../delta/log.ts'
import { decodedPath } from '../delta/table-state.ts'
import type { EntityToForget } from './entity-to-forget.ts'

/** Smallest or greatest value of each column of a file, as the log has it. */
type Bounds = Readonly<Record<string, unknown>>

/** Which statistics in a log may name the entity: those of files that are in the newest version for good are not asked. */
export interface Mentions {
  readonly entity: EntityToForget
  /** Decoded paths of files that hold nothing of the entity, whose statistics are those of other entities. */
  readonly staying: ReadonlySet<string>
}

/** Versions whose log entry has a part of the key as the bound of a file that is gone or goes. */
export async function entriesMentioning(table: string, listing: LogListing, mentions: Mentions): Promise<number[]> {
  const log = await readLog(table, listing)
  return log
    .filter(({ actions }) => actions.some(({ add }) => add && isMentioned(add, mentions)))
    .map(({ version }) => version)
}

/** Writes a log entry again without those bounds. Statistics are optional, so it says the same to every reader. */
export async function stripEntry(table: string, version: number, mentions: Mentions): Promise<void> {
  const path = logFile(table, version)
  const lines = (await readFile(path, 'utf8')).split('\n')
  const stripped = lines.map((line) => {
    const action = line.trim() === '' ? {} : (JSON.parse(line) as DeltaAction)
    if (!action.add || !isMentioned(action.add, mentions)) return line
    return JSON.stringify({ ...action, add: { ...action.add, stats: withoutBounds(action.add.stats) } })
  })
  await replaceFile(path, stripped.join('\n'))
}

/** Checkpoints that have a part of the key in their statistics. */
export async function checkpointsMentioning(
  engine: Engine,
  { checkpoints }: LogListing,
  mentions: Mentions,
): Promise<CheckpointFiles[]> {
  const found: CheckpointFiles[] = []
  for (const checkpoint of checkpoints) {
    const files = checkpoint.paths.map(quoteFile).join(', ')
    const adds = await engine.rows<Pick<AddFile, 'path' | 'stats'>>(
      `SELECT add."path" AS "path", add.stats AS stats FROM read_parquet([${files}]) WHERE add.stats IS NOT NULL`,
    )
    if (adds.some((add) => isMentioned(add, mentions))) found.push(checkpoint)
  }
  return found
}

function isMentioned({ path, stats }: Pick<AddFile, 'path' | 'stats'>, { entity, staying }: Mentions): boolean {
  if (stats === undefined || staying.has(decodedPath(path))) return false
  const { minValues = {}, maxValues = {} } = parseStatistics(stats)
  return [minValues, maxValues].some((bounds) => entity.some((part) => isBound(bounds, part)))
}

function isBound(bounds: Bounds, { name, value }: EntityToForget[number]): boolean {
  const bound = bounds[name]
  // Of refused rows the whole row is the bound, with why it was refused, and a long one is cut.
  const refused = [bounds['row'], bounds['reason']]
  if (refused.some((text) => typeof text === 'string' && text.includes(String(value)))) return true
  if (bound === undefined || bound === null || value === null) return false
  return String(bound) === String(value) || (typeof bound === 'string' && bound !== '' && isCutOf(bound, value))
}

/** A long text is cut where it is a bound. */
function isCutOf(bound: string, value: unknown): boolean {
  return typeof value === 'string' && bound.length >= 32 && value.startsWith(bound)
}

interface Statistics {
  readonly minValues?: Bounds
  readonly maxValues?: Bounds
}

function parseStatistics(stats: string): Statistics {
  try {
    return (JSON.parse(stats) ?? {}) as Statistics
  } catch {
    return {}
  }
}

function withoutBounds(stats: string | undefined): string {
  const { minValues: _, maxValues: __, ...counts } = parseStatistics(stats ?? '{}')
  return JSON.stringify(counts)
}
