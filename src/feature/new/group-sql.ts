import { quoteName } from '../../engine/index.ts'
import { duckdbType } from '../../store/index.ts'
import type { GuessedGroup } from './guess-group.ts'
import type { FileColumn } from './sniff-file.ts'

/** Name of a column in the project file and in SQL without quotes: `Dep Delay` -> `dep_delay`. */
export function columnNames({ key, time, features, availableAt }: GuessedGroup): Map<FileColumn, string> {
  const names = new Map<FileColumn, string>()
  const taken = new Set<string>()
  for (const column of [...key, ...(time ? [time] : []), ...features, ...(availableAt ? [availableAt] : [])]) {
    if (names.has(column)) continue
    const plain = /^[A-Za-z][A-Za-z0-9_]{0,62}$/.test(column.name) ? column.name : simplified(column.name)
    let name = plain
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${plain.slice(0, 58)}_${n}`
    taken.add(name.toLowerCase())
    names.set(column, name)
  }
  return names
}

function simplified(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()
  return (/^[a-z]/.test(plain) ? plain : `column_${plain}`).slice(0, 58).replace(/_+$/, '')
}

/** The SELECT to start from: every column by name, with a cast where its type needs one. */
export function groupSql(guess: GuessedGroup, names: ReadonlyMap<FileColumn, string>, source: string): string {
  const { key, time, leftOut } = guess
  const about = key.map((column) => names.get(column)).join(', ')
  const items = [...names].map(([column, name]) => {
    const value = expressionOf(column, column === time)
    return value === name ? `  ${name}` : `  ${value} AS ${name}`
  })
  return `${[
    `-- One row for each ${about}${time ? ` and ${names.get(time)}` : ''}.`,
    ...leftOut.map(({ name, sqlType }) => `-- Left out: ${oneLine(name)}, which is ${oneLine(sqlType)}.`),
    'SELECT',
    items.join(',\n'),
    `FROM ${source}`,
  ].join('\n')}\n`
}

function expressionOf({ name, sqlType, type }: FileColumn, isTime: boolean): string {
  const column = /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : quoteName(name)
  if (isTime && type === 'date') return `timezone('UTC', CAST(${column} AS TIMESTAMP))`
  if (type === 'timestamp' && sqlType !== duckdbType('timestamp'))
    return `timezone('UTC', CAST(${column} AS TIMESTAMP))`
  return type === undefined || duckdbType(type) === sqlType ? column : `CAST(${column} AS ${duckdbType(type)})`
}

/** Words that are likely names of columns and that SQL takes for something else. */
const reserved = new Set(
  'all and any array as asc at between both by case cast check column count current_date date day default desc distinct do else end except exists false for foreign from full group having in index initially inner interval into is join key lateral left like limit month natural not null offset on only or order outer over partition pivot position primary qualify range references returning right row rows second select some symmetric table then time timestamp to trailing true union unique user using value values variadic when where window with year'.split(
    ' ',
  ),
)

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}
