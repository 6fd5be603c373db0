import { counted, FtiError, nearest } from '../../base/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import { readSnapshot, type SourceColumns, tablePath } from '../../store/index.ts'

/** One difference between a source now and as it was at the last commit: in its columns, or that its oldest rows are gone. */
export interface SourceChange {
  readonly source: string
  readonly column: string
  readonly change: 'dropped' | 'renamed' | 'retyped' | 'new' | 'shortened'
  /** The new name or type; of a shortened source, its first event time now. */
  readonly to?: string | undefined
  /** Stored rows that keep their values because the rows before them are gone. */
  readonly rows?: number | undefined
}

/** Columns of the sources that can be read, in order, with the types that a transform sees. */
export async function sourceColumns(engine: Engine, sources: readonly string[]): Promise<SourceColumns> {
  const found: Record<string, (readonly [string, string])[]> = {}
  for (const source of sources) {
    try {
      const columns = await engine.describe(`SELECT * FROM ${quoteName(source)}`)
      found[source] = columns.map(({ name, type }) => [name, type])
    } catch (error) {
      // It is what stopped the run, or was not reached before that.
      if (!(error instanceof FtiError)) throw error
    }
  }
  return found
}

/** Columns of a group's sources when rows were last committed, under whichever contract version. */
export async function lastSourceColumns(root: string, group: string, newest: number): Promise<SourceColumns> {
  for (let version = newest; version > 0; version--) {
    const snapshot = await readSnapshot(tablePath(root, group, version))
    if (snapshot !== undefined) return snapshot.mark?.sourceColumns ?? {}
  }
  return {}
}

/** What an owner upstream has changed. A dropped and a new column are taken for a rename when name or place say so. */
export function compareSources(before: SourceColumns, now: SourceColumns): SourceChange[] {
  return Object.entries(now).flatMap(([source, columns]) => {
    const known = before[source]
    return known === undefined ? [] : compareColumns(source, known, columns)
  })
}

type Columns = SourceColumns[string]

function compareColumns(source: string, before: Columns, now: Columns): SourceChange[] {
  const [old, current] = [new Map(before), new Map(now)]
  const fresh = now.filter(([name]) => !old.has(name))
  const changes: SourceChange[] = []
  for (const [index, [column, type]] of before.entries()) {
    const is = current.get(column)
    if (is === type) continue
    if (is !== undefined) {
      changes.push({ source, column, change: 'retyped', to: is })
      continue
    }
    const to = renamedTo(column, type, now[index], fresh)
    if (to === undefined) changes.push({ source, column, change: 'dropped' })
    else {
      changes.push({ source, column, change: 'renamed', to })
      fresh.splice(
        fresh.findIndex(([name]) => name === to),
        1,
      )
    }
  }
  return [...changes, ...fresh.map(([column, to]): SourceChange => ({ source, column, change: 'new', to }))]
}

/** A column of the same type in the same place is the better witness; else the nearest name. */
function renamedTo(
  column: string,
  type: string,
  inPlace: readonly [string, string] | undefined,
  fresh: Columns,
): string | undefined {
  const [name, itsType] = inPlace ?? []
  if (name !== undefined && itsType === type && fresh.some(([candidate]) => candidate === name)) return name
  return nearest(
    column,
    fresh.map(([candidate]) => candidate),
  )
}

/** `flights.dep_delay is gone; 'departure_delay' is new in its place` */
export function describeSourceChange({ source, column, change, to, rows }: SourceChange): string {
  if (change === 'dropped') return `${source}.${column} is gone`
  if (change === 'renamed') return `${source}.${column} is gone; '${to}' is new in its place`
  if (change === 'retyped') return `${source}.${column} is ${to} now`
  if (change === 'shortened')
    return `${source} begins at ${to} now; ${counted(rows ?? 0, 'stored row')}, whose windows begin before it, keep their values`
  return `${source}.${column} is new (${to})`
}

/** The same as a line of a list of differences: `- flights.dep_delay is gone`. */
export function sourceChangeLine(change: SourceChange): string {
  const mark = change.change === 'retyped' ? '~' : change.change === 'new' ? '+' : '-'
  return `${mark} ${describeSourceChange(change)}`
}
