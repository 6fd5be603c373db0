import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newId, storageError, withCleanUp } from '../../base/index.ts'
import type { FeatureGroup, PushSource } from '../../contract/index.ts'
import { openEngine, quoteFile } from '../../engine/index.ts'
import { writeQuarantine } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { type FeatureRunOptions, type GroupReport, runFeatureGroups } from '../run/run-groups.ts'
import type { LineBatch } from './line-batches.ts'
import { findUnreadable, type NumberedLine, type UnreadableLine } from './unreadable-lines.ts'

export interface BatchWork extends Omit<FeatureRunOptions, 'groups' | 'pushed' | 'isPart'> {
  readonly group: FeatureGroup
  readonly source: PushSource
  /** A folder for the lines; gone after the run. */
  readonly folder: string
}

export interface CommittedBatch {
  readonly report: GroupReport | undefined
  /** Lines that are no rows, kept in the quarantine of the group. */
  readonly unreadable: readonly UnreadableLine[]
}

/**
 * Pushes one batch as `push` does. Where the group quarantines, lines that are no rows go there too, and the others are pushed.
 * A report of status `failed` says that nothing of the batch was committed, or what failed after its commit.
 */
export async function commitBatch(work: BatchWork, batch: LineBatch): Promise<CommittedBatch> {
  const report = await push(work, batch.bytes)
  if (!unreadableCodes.includes(report?.error?.code ?? '')) return { report, unreadable: [] }
  const lines = numbered(batch)
  const unreadable = await setAside(work, lines)
  const [first] = unreadable
  if (first === undefined) return { report, unreadable }
  if (work.group.onInvalid !== 'quarantine') return { report: atLine(report, first), unreadable: [] }
  const bad = new Set(unreadable.map(({ line }) => line))
  const good = lines.filter(({ line, bytes }) => !bad.has(line) && bytes.toString('latin1').trim() !== '')
  if (good.length === 0) return { report: undefined, unreadable }
  return { report: await push(work, Buffer.concat(good.map(({ bytes }) => bytes))), unreadable }
}

/** The reader counts from the beginning of the batch. */
function atLine(report: GroupReport | undefined, { line }: UnreadableLine): GroupReport | undefined {
  return report?.error && { ...report, error: { ...report.error, place: `standard input:${line}` } }
}

const unreadableCodes: readonly string[] = [
  featureErrors.FTI_SOURCE_UNREADABLE.code,
  featureErrors.FTI_TIME_ZONE_MISSING.code,
]

async function push(work: BatchWork, bytes: Buffer): Promise<GroupReport | undefined> {
  const { group, source, folder } = work
  const path = join(folder, 'rows.ndjson')
  await writeFile(path, bytes).catch((error: unknown) => {
    throw storageError(error, path)
  })
  const pushed = { source: source.name, format: 'ndjson', path } as const
  const [report] = await runFeatureGroups({ ...work, groups: [group.name], pushed, isPart: true })
  return report
}

function numbered({ bytes, firstLine }: LineBatch): NumberedLine[] {
  const lines: NumberedLine[] = []
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf('\n', start)
    const stop = end === -1 ? bytes.length : end + 1
    lines.push({ line: firstLine + lines.length, bytes: bytes.subarray(start, stop) })
    start = stop
  }
  return lines
}

/** Finds the lines that are no rows; where the group quarantines, they are kept there as text. The same line again is kept once. */
async function setAside(work: BatchWork, lines: readonly NumberedLine[]): Promise<UnreadableLine[]> {
  const { project, group, source, folder } = work
  const engine = await openEngine({ tempDirectory: folder, allowedDirectories: [project.store, folder] })
  const judge = async () => {
    const unreadable = await findUnreadable(engine, folder, source, lines)
    if (unreadable.length === 0 || group.onInvalid !== 'quarantine') return unreadable
    const path = join(folder, 'refused.ndjson')
    await writeFile(path, unreadable.map(({ text, reason }) => `${JSON.stringify({ line: text, reason })}\n`).join(''))
    const refused = `(SELECT line, [reason] AS _reasons
      FROM read_json(${quoteFile(path)}, format = 'newline_delimited', columns = {line: 'VARCHAR', reason: 'VARCHAR'}))`
    const now = work.now ?? new Date()
    const runId = newId(now)
    await writeQuarantine({ engine, root: project.store, group: group.name, refused, inputDigest: runId, runId, now })
    return unreadable
  }
  return withCleanUp(judge, () => engine.close())
}
