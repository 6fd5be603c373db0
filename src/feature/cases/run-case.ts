import { type ErrorFacts, errorFacts, FtiError } from '../../base/index.ts'
import { type FeatureGroup, systemColumns, type ValueType } from '../../contract/index.ts'
import { quoteName } from '../../engine/index.ts'
import { type CaseFile, type CaseTable, type FeatureCase, type Project, readCase } from '../../project/index.ts'
import type { Validation } from '../contract/validate.ts'
import { featureErrors } from '../errors.ts'
import { makeRows } from '../run/make-rows.ts'
import { declaredAvailability } from '../transforms/availability.ts'
import { caseColumns } from './case-columns.ts'
import { type CaseRoom, inCaseRoom } from './case-folder.ts'
import { caseInput } from './case-input.ts'
import { compareRows, type RowComparison } from './compare-rows.ts'
import { defineTyped } from './typed-rows.ts'

/** What one case showed. */
export interface CaseReport {
  readonly group: string
  readonly case: string
  /** Relative to the project. */
  readonly place: string
  readonly status: 'passed' | 'failed'
  /** Rows that would be committed, held against those that were expected; absent where an error came or was expected. */
  readonly rows?: RowComparison | undefined
  /** The same of rows that the contract would keep aside. */
  readonly refused?: RowComparison | undefined
  /** What came in place of rows; of a case that passed it was expected. */
  readonly error?: ErrorFacts | undefined
  readonly seconds: number
}

/** Runs one case: the transform and the contract of a real run over the rows that the case gives. Never throws what a case can cause. */
export async function runCase(
  project: Project,
  file: CaseFile,
  place: string,
  signal?: AbortSignal,
): Promise<CaseReport> {
  const started = performance.now()
  const { group, name } = file
  const report = (status: CaseReport['status'], rest: Partial<CaseReport>): CaseReport => {
    return { group, case: name, place, status, ...rest, seconds: (performance.now() - started) / 1000 }
  }
  let expectedError: string | undefined
  try {
    const found = await readCase(project, file)
    expectedError = found.error
    const { rows, refused } = await inCaseRoom(found, (room) => compareCase(room, project, found, signal))
    if (expectedError !== undefined) return report('failed', { error: errorFacts(noError(found, rows)) })
    const isSame = [rows, refused].every((compared) => compared === undefined || compared.different === 0)
    return report(isSame ? 'passed' : 'failed', { rows, refused })
  } catch (error) {
    if (!(error instanceof FtiError) || signal?.aborted) throw error
    return report(error.code === expectedError ? 'passed' : 'failed', { error: errorFacts(error) })
  }
}

const silent = { update: () => {} }

interface Compared {
  readonly rows: RowComparison
  readonly refused?: RowComparison | undefined
}

async function compareCase(
  room: CaseRoom,
  project: Project,
  found: FeatureCase,
  signal: AbortSignal | undefined,
): Promise<Compared> {
  const group = groupOf(project, found)
  const input = await caseInput(room, project, group, found)
  const made = await makeRows(room.engine, project, group, input, { clock: () => new Date(), task: silent, signal })
  const columns = caseColumns(group)
  const { availableAt } = systemColumns
  const known = `(SELECT *, ${declaredAvailability(group)} AS ${availableAt} FROM ${made.accepted})`
  const nothing: CaseTable = { place: found.place, types: {}, rows: [] }
  const rows = await compare(room, group, { table: found.expect ?? nothing, got: known, columns })
  if (found.refused === undefined && made.refused === undefined) return { rows }
  const got = `(SELECT *, ${declaredAvailability(group)} AS ${availableAt}, array_to_string(_reasons, '; ') AS reason
    FROM ${made.refused ?? nobody(made)})`
  const table = found.refused ?? nothing
  return { rows, refused: await compare(room, group, { table, got, columns: { ...columns, reason: 'string' } }) }
}

/** A case may leave out what expectations of the batch say, which is seldom about so few rows. */
function groupOf(project: Project, { group: name, checksBatch }: FeatureCase): FeatureGroup {
  const group = project.groups.get(name)
  if (group === undefined) throw new RangeError(`no group ${name}`)
  return checksBatch ? group : { ...group, expectations: { ...group.expectations, batch: [] } }
}

function nobody({ accepted }: Validation): string {
  return `(SELECT *, CAST([] AS VARCHAR[]) AS _reasons FROM ${accepted} WHERE false)`
}

interface Side {
  readonly table: CaseTable
  readonly got: string
  readonly columns: Readonly<Record<string, ValueType>>
}

async function compare(room: CaseRoom, group: FeatureGroup, { table, got, columns }: Side): Promise<RowComparison> {
  const { engine } = room
  const identity = [...Object.keys(group.entity.key), ...(group.eventTime === undefined ? [] : [group.eventTime])]
  if (table.rows?.length === 0) {
    const all = Object.keys(columns)
    const none = `(SELECT ${all.map(quoteName).join(', ')} FROM ${got} WHERE false)`
    return compareRows(engine, { expected: none, got, columns, identity })
  }
  checkAlike(table)
  const name = 'reason' in columns ? '_refused_rows' : '_expected_rows'
  const given = await defineTyped(room, name, table, columns)
  const compared = Object.fromEntries(given.map((column) => [column, columns[column] ?? 'string'] as const))
  return compareRows(engine, { expected: quoteName(name), got, columns: compared, identity })
}

/** A column that one row leaves out would be compared with null, or not at all: nobody could see which was meant. */
function checkAlike({ rows = [] }: CaseTable): void {
  const all = new Set(rows.flatMap(({ columns }) => columns))
  for (const { columns, place } of rows) {
    const missing = [...all].find((column) => !columns.includes(column))
    if (missing === undefined) continue
    throw new FtiError(featureErrors.FTI_CASE_INPUT, {
      message: `this row does not say its ${missing}, and others do`,
      place,
      remedy: `write ${missing}: null if that is meant, or leave ${missing} out of all rows`,
    })
  }
}

function noError({ error, place, group }: FeatureCase, { got }: RowComparison): FtiError {
  return new FtiError(featureErrors.FTI_CASE_INPUT, {
    message: `${error} was expected, and the transform of '${group}' gave ${got} rows`,
    place,
    remedy: 'correct the transform or the contract, or write the rows that are right under expect:',
  })
}
