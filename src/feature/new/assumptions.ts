import type { EntityChoice } from './choose-names.ts'
import type { GuessedGroup, Hints } from './guess-group.ts'
import type { FileColumn } from './sniff-file.ts'

/** What the caller did not say and the data only suggests. */
export interface Assumption {
  readonly about: 'key' | 'eventTime' | 'static' | 'availableAt' | 'timeZone'
  readonly text: string
  /** The flag that says otherwise. */
  readonly flag: string
}

interface Unsaid extends Hints {
  readonly timeZone?: string | undefined
}

/** Everything that was taken for granted, for the terminal and for remarks in the project file. */
export function assumptionsOf(
  hints: Unsaid,
  { time, availableAt }: GuessedGroup,
  { names, entity, zone }: Chosen,
): Assumption[] {
  const nameOf = (column: FileColumn) => names.get(column) ?? column.name
  const found: Assumption[] = []
  if (hints.key === undefined) {
    const text = `${Object.keys(entity.key).join(', ')} tells the rows${time ? ` of one ${nameOf(time)}` : ''} apart`
    found.push({ about: 'key', text, flag: '--key' })
  }
  if (time === undefined) {
    if (!hints.isStatic)
      found.push({ about: 'static', text: 'no column is a time, so there is one row for each key', flag: '--time' })
    return found
  }
  if (hints.time === undefined)
    found.push({ about: 'eventTime', text: `${nameOf(time)} is when a row was true`, flag: '--time' })
  if (hints.availableAt === undefined && hints.availableAfter === undefined)
    found.push({
      about: 'availableAt',
      text: availableAt
        ? `${nameOf(availableAt)} is when a row was known: its name says so, and it is never before ${nameOf(time)}`
        : `a row was known at once, at ${nameOf(time)}`,
      flag: '--available-at or --available-after',
    })
  if (zone !== undefined && hints.timeZone === undefined)
    found.push({ about: 'timeZone', text: `times that carry no zone are ${zone}`, flag: '--time-zone' })
  return found
}

interface Chosen {
  readonly names: ReadonlyMap<FileColumn, string>
  readonly entity: EntityChoice
  /** Of the new source; undefined where it has no times, or was declared before. */
  readonly zone: string | undefined
}
