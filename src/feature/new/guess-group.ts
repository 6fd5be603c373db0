import { didYouMean, FtiError } from '../../base/index.ts'
import { featureErrors } from '../errors.ts'
import type { FileColumn, SniffedFile } from './sniff-file.ts'

/** What the caller knows better than a guess. */
export interface Hints {
  readonly key?: readonly string[] | undefined
  readonly time?: string | undefined
  readonly availableAt?: string | undefined
  readonly isStatic?: boolean | undefined
  /** A duration; then no column says when a row was known. */
  readonly availableAfter?: string | undefined
}

/** Which columns of a file are the key, the event time, and the features. */
export interface GuessedGroup {
  readonly key: readonly FileColumn[]
  /** Undefined in a static group. */
  readonly time: FileColumn | undefined
  readonly availableAt: FileColumn | undefined
  readonly features: readonly FileColumn[]
  /** Columns of which no feature can be made. */
  readonly leftOut: readonly FileColumn[]
  /** One row for each key and event time, as a group needs it. */
  readonly isUnique: boolean
}

/** Takes hints as they are, guesses the rest by names and types, and looks whether the key tells rows apart. */
export async function guessGroup(file: SniffedFile, hints: Hints): Promise<GuessedGroup> {
  const named = (name: string) => columnNamed(file, name)
  const time = hints.isStatic ? undefined : hints.time === undefined ? guessTime(file.columns) : named(hints.time)
  const availableAt = hints.availableAt === undefined ? await guessKnown(file, time, hints) : named(hints.availableAt)
  const times = [time, availableAt].filter((column) => column !== undefined)
  const key = hints.key?.map(named) ?? (await guessKey(file, time, times))
  const rest = file.columns.filter((column) => !key.includes(column) && !times.includes(column))
  const features = rest.filter(({ type }) => type !== undefined)
  if (features.length === 0)
    throw notGuessed('no column is left that could be a feature', 'give another --key or --time')
  return {
    key,
    time,
    availableAt,
    features,
    leftOut: rest.filter(({ type }) => type === undefined),
    isUnique: await file.isKey([...key, ...(time ? [time] : [])].map(({ name }) => name)),
  }
}

function guessTime(columns: readonly FileColumn[]): FileColumn | undefined {
  const likely = /(^|_)(at|time|timestamp|ts|datetime|date|day)$/i
  const moments = columns.filter(({ isMoment }) => isMoment)
  const dates = columns.filter(({ type }) => type === 'date')
  const events = moments.filter(({ name }) => !arrival.test(name))
  const [best] = [...events.filter(({ name }) => likely.test(name)), ...events, ...dates, ...moments]
  return best
}

/** Names of columns that say when a row came, rather than when it was true: `received_at`, `loadTime`. */
const arrival =
  /^(received|recv|ingest(ed|ion)?|load(ed)?|arriv(ed|al)|available|known|publish(ed)?|insert(ed)?|recorded|processed)[ _-]?(at|on|time|timestamp|ts|datetime|date)$/i

/** A column that is called so and is never before the event. */
async function guessKnown(
  { columns, isOrdered }: SniffedFile,
  time: FileColumn | undefined,
  { availableAfter }: Hints,
): Promise<FileColumn | undefined> {
  if (time === undefined || availableAfter !== undefined) return undefined
  for (const column of columns)
    if (column.isMoment && column !== time && arrival.test(column.name) && (await isOrdered(time.name, column.name)))
      return column
  return undefined
}

/** The fewest likely columns, together with the time, that tell rows apart: one, else two. */
async function guessKey(
  file: SniffedFile,
  time: FileColumn | undefined,
  times: readonly FileColumn[],
): Promise<readonly FileColumn[]> {
  const likely = file.columns.filter((column) => canBeKey(column) && !times.includes(column)).sort(byLikelihood)
  const pairs = likely.slice(0, 6).flatMap((a, i, some) => some.slice(i + 1).map((b) => [a, b]))
  for (const key of [...likely.map((column) => [column]), ...pairs])
    if (await file.isKey([...key, ...(time ? [time] : [])].map(({ name }) => name))) return key
  throw notGuessed(
    `no column${time ? ` tells rows of one ${time.name} apart` : ' tells rows apart'}`,
    `say which columns name the thing that a row is about: --key ${file.columns.find(canBeKey)?.name ?? 'COLUMN'}`,
  )
}

function canBeKey({ type }: FileColumn): boolean {
  return type === 'string' || type === 'int32' || type === 'int64'
}

function byLikelihood(a: FileColumn, b: FileColumn): number {
  return likelihood(b) - likelihood(a)
}

function likelihood({ name, type }: FileColumn): number {
  if (/(^|_)(id|key|uuid|code)$/i.test(name) || /[a-z]Id$/.test(name)) return 3
  // A number of any other name is rather something that was measured.
  return type === 'string' ? 2 : 1
}

function columnNamed({ columns, source }: SniffedFile, name: string): FileColumn {
  const found = columns.find((column) => column.name === name)
  if (found) return found
  throw notGuessed(
    `${source.path} has no column '${name}'`,
    didYouMean(
      name,
      columns.map((column) => column.name),
    ),
  )
}

function notGuessed(message: string, remedy: string): FtiError {
  return new FtiError(featureErrors.FTI_GROUP_NOT_GUESSED, { message, remedy })
}
