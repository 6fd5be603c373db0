import { didYouMean, FtiError } from '../../base/index.ts'
import { type Engine, inFrom, quoteName } from '../../engine/index.ts'
import { storeErrors } from '../errors.ts'
import { type JoinedGroup, type JoinRequest, sourceColumns } from './join-request.ts'

type Types = ReadonlyMap<string, string>

/** Refuses a join that could only fail later, or give columns that nobody can tell apart. */
export async function checkJoin(engine: Engine, request: JoinRequest): Promise<void> {
  const spine = await typesOf(engine, request.spine)
  const time = typeIn(spine, request.time, 'the prediction time')
  if (!/^(TIMESTAMP|DATE)/.test(time)) {
    throw invalidSpine(
      `column '${request.time}' is ${time}, not a time`,
      `give '${request.time}' the type TIMESTAMPTZ in the spine`,
    )
  }
  checkNames(request, spine)
  for (const group of request.groups) await checkKeys(engine, group, spine)
}

/** Refuses a spine whose time is missing in some rows: no value could be called known then. */
export async function checkTimes(engine: Engine, table: string, { time, signal }: JoinRequest): Promise<void> {
  const column = quoteName(time)
  const [{ missing } = { missing: 0 }] = await engine.rows<{ missing: number }>(
    `SELECT count(*) FILTER (${column} IS NULL OR NOT isfinite(${column})) AS missing FROM ${table}`,
    signal,
  )
  if (missing === 0) return
  throw invalidSpine(
    `column '${time}' is null or infinite in ${missing.toLocaleString('en-US')} rows`,
    `leave them out of the spine: WHERE ${time} IS NOT NULL`,
    { column: time, rows: missing },
  )
}

async function typesOf(engine: Engine, relation: string): Promise<Types> {
  const columns = await engine.describe(`SELECT * FROM ${inFrom(relation)}`)
  return new Map(columns.map(({ name, type }) => [name, type]))
}

function typeIn(spine: Types, column: string, use: string): string {
  const type = spine.get(column)
  if (type !== undefined) return type
  throw invalidSpine(
    `the spine has no column '${column}', which is ${use}`,
    `select it in the spine. ${didYouMean(column, [...spine.keys()])}`.trim(),
    { column, columns: [...spine.keys()] },
  )
}

function checkNames({ groups, withSources }: JoinRequest, spine: Types): void {
  const taken = new Map([...spine.keys()].map((name) => [name.toLowerCase(), 'the spine']))
  taken.set('_row', 'the row number')
  if (spine.has('_row')) throw nameTwice('_row', 'the row number', 'the spine')
  for (const group of groups) {
    const sources = withSources ? Object.values(sourceColumns(group.name)) : []
    for (const column of [...group.pick.map((pick) => pick.column), ...sources]) {
      const before = taken.get(column.toLowerCase())
      if (before !== undefined) throw nameTwice(column, before, group.name)
      taken.set(column.toLowerCase(), group.name)
    }
  }
}

async function checkKeys(engine: Engine, group: JoinedGroup, spine: Types): Promise<void> {
  const values = await typesOf(engine, group.relation)
  for (const [key, column] of Object.entries(group.on)) {
    const mine = typeIn(spine, column, `the key '${key}' of group '${group.name}'`)
    const theirs = values.get(key) ?? 'absent'
    if (kindOf(mine) === kindOf(theirs)) continue
    throw new FtiError(storeErrors.FTI_JOIN_INVALID, {
      message: `key '${key}' of group '${group.name}' is ${theirs}, but '${column}' of the spine is ${mine}`,
      remedy: `write CAST(${column} AS ${theirs}) AS ${column} in the spine`,
      data: { group: group.name, key, type: theirs, spineColumn: column, spineType: mine },
    })
  }
}

/** Types that compare without a cast that could fail halfway through the data. */
function kindOf(type: string): string {
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type)) return 'integer'
  if (type === 'FLOAT' || type === 'DOUBLE') return 'float'
  if (type.startsWith('ENUM')) return 'VARCHAR'
  return type
}

function nameTwice(column: string, first: string, second: string): FtiError {
  return new FtiError(storeErrors.FTI_JOIN_INVALID, {
    message: `column '${column}' would come from ${first} and from ${second}`,
    remedy: "rename it in the spine, or give one of the groups a prefix with 'as'",
    data: { column, from: [first, second] },
  })
}

function invalidSpine(message: string, remedy: string, data?: Record<string, unknown>): FtiError {
  return new FtiError(storeErrors.FTI_SPINE_INVALID, { message, remedy, data })
}
