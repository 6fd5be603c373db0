import { FtiError, formatDuration } from '../../base/index.ts'
import type { TimeSplit } from '../../contract/index.ts'
import { type Engine, inFrom, quoteName, quoteText } from '../../engine/index.ts'
import { storeErrors } from '../errors.ts'

export const datasetParts = ['train', 'validation', 'test'] as const
export type DatasetPart = (typeof datasetParts)[number]

/** Moments as ISO 8601 in UTC. Starts belong to their part, ends do not, but for `testEnds`: the newest row of all. */
export interface SplitBoundaries {
  /** Rows of `train` are before this. */
  readonly trainedUntil: string
  readonly validationStarts: string
  readonly validationEnds: string
  readonly testStarts: string
  readonly testEnds: string
}

/** Which rows belong to which part, as SQL conditions that exclude one another. Rows may belong to none. */
export interface Split {
  readonly parts: Readonly<Record<DatasetPart, string>>
  readonly boundaries: SplitBoundaries
}

export interface SplitRequest {
  /** SQL of the labelled rows. */
  readonly relation: string
  readonly time: string
  readonly split: TimeSplit
  /** Names the model in errors. */
  readonly model: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Splits by time, counted back from the newest row, so that with every run new rows reach `train`.
 * Errors: FTI_SPLIT_EMPTY names the part that gets no rows.
 */
export async function splitByTime(engine: Engine, request: SplitRequest): Promise<Split> {
  const { relation, time, split, signal } = request
  const column = quoteName(time)
  const [range] = await engine.rows<{ oldest: number | null; newest: number | null }>(
    `SELECT epoch_us(min(${column})) / 1000 AS oldest, epoch_us(max(${column})) / 1000 AS newest FROM ${inFrom(relation)}`,
    signal,
  )
  if (range?.newest == null || range.oldest == null) throw noRows(request)
  const boundaries = countBack(Math.ceil(range.newest), split)
  const parts = conditions(column, boundaries)
  const counts = datasetParts.map((part) => `count(*) FILTER (${parts[part]}) AS ${part}`)
  const [rows] = await engine.rows<Record<DatasetPart, number>>(
    `SELECT ${counts.join(', ')} FROM ${inFrom(relation)}`,
    signal,
  )
  const empty = datasetParts.find((part) => !rows?.[part])
  if (empty !== undefined) throw emptyPart(request, empty, boundaries, new Date(range.oldest))
  return { parts, boundaries }
}

/** The boundaries that lie before a newest moment, in milliseconds since 1970. */
function countBack(newestMs: number, { testMs, validationMs, gapMs }: TimeSplit): SplitBoundaries {
  const testStarts = newestMs - testMs
  const validationEnds = testStarts - gapMs
  const validationStarts = validationEnds - validationMs
  const moments = { trainedUntil: validationStarts - gapMs, validationStarts, validationEnds, testStarts }
  const text = (ms: number) => new Date(ms).toISOString()
  return {
    trainedUntil: text(moments.trainedUntil),
    validationStarts: text(validationStarts),
    validationEnds: text(validationEnds),
    testStarts: text(testStarts),
    testEnds: text(newestMs),
  }
}

function conditions(column: string, boundaries: SplitBoundaries): Record<DatasetPart, string> {
  const at = (moment: string) => `TIMESTAMPTZ ${quoteText(moment)}`
  const { trainedUntil, validationStarts, validationEnds, testStarts, testEnds } = boundaries
  return {
    train: `${column} < ${at(trainedUntil)}`,
    validation: `${column} >= ${at(validationStarts)} AND ${column} < ${at(validationEnds)}`,
    test: `${column} >= ${at(testStarts)} AND ${column} <= ${at(testEnds)}`,
  }
}

function noRows({ model }: SplitRequest): FtiError {
  return new FtiError(storeErrors.FTI_SPLIT_EMPTY, {
    message: `no labelled rows for '${model}', so train, validation and test would all be empty`,
    place: `models.${model}.spine`,
    remedy: 'run the spine by itself, and check that its labels are known by the time of training',
    data: { model, parts: datasetParts },
  })
}

function emptyPart(request: SplitRequest, part: DatasetPart, boundaries: SplitBoundaries, oldest: Date): FtiError {
  const { model, split } = request
  const lengths = { test: split.testMs, validation: split.validationMs, gap: split.gapMs }
  const text = Object.entries(lengths).map(([name, ms]) => `${name} ${formatDuration(ms)}`)
  return new FtiError(storeErrors.FTI_SPLIT_EMPTY, {
    message: `the ${part} part of '${model}' has no rows`,
    place: `models.${model}.split`,
    remedy: `choose other lengths (now ${text.join(', ')}): labelled rows lie between ${oldest.toISOString()} and ${boundaries.testEnds}`,
    data: { model, part, boundaries, oldest: oldest.toISOString() },
  })
}
