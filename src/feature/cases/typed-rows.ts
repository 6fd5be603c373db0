import { didYouMean, FtiError } from '../../base/index.ts'
import type { FileSource, ValueType } from '../../contract/index.ts'
import { quoteName } from '../../engine/index.ts'
import type { CaseTable } from '../../project/index.ts'
import { featureErrors } from '../errors.ts'
import { sourceError } from '../sources/files/source-error.ts'
import { sourceReader } from '../sources/files/source-reader.ts'
import { defineSourceView } from '../sources/files/source-view.ts'
import { fileBeside, spool } from './case-files.ts'
import type { CaseRoom } from './case-folder.ts'

/**
 * Makes the table `name` of rows whose columns and types are known; returns the columns that they have. Errors: FTI_CASE_INPUT for
 * another column, or for a value that its type has not.
 */
export async function defineTyped(
  room: CaseRoom,
  name: string,
  table: CaseTable,
  types: Readonly<Record<string, ValueType>>,
): Promise<string[]> {
  const { engine } = room
  const columns = await columnsOf(room, table)
  for (const { column, place } of columns) {
    if (column in types) continue
    throw new FtiError(featureErrors.FTI_CASE_INPUT, {
      message: `there is no column '${column}'`,
      place,
      remedy: didYouMean(column, Object.keys(types)),
      data: { column, known: Object.keys(types) },
    })
  }
  const names = columns.map(({ column }) => column)
  const own = Object.fromEntries(names.map((column) => [column, types[column] ?? 'string'] as const))
  const type = table.file?.type ?? 'ndjson'
  const source = { ...form, name: `${name}_read`, type, types: own }
  const files = await (table.file === undefined ? spool(room, source, table) : fileBeside(source, table))
  try {
    await defineSourceView(engine, type === 'ndjson' ? { ...files, isStrict: true } : files)
    await engine.execute(`CREATE TABLE ${quoteName(name)} AS SELECT * FROM ${quoteName(source.name)}`)
  } catch (error) {
    throw wrongValue(sourceError(error, [files], source), source, table)
  }
  return names
}

const form = { path: '', timeZone: undefined, nulls: [], delimiter: ',', encoding: 'utf-8' } as const

async function columnsOf({ engine }: CaseRoom, { rows, file, place }: CaseTable) {
  if (file !== undefined) {
    const source = { ...form, name: 'rows', type: file.type, types: {} }
    const found = await engine.describe(`SELECT * FROM ${sourceReader(source, [file.path])}`)
    return found.map(({ name }) => ({ column: name, place }))
  }
  const first = new Map<string, string>()
  for (const row of rows ?? []) for (const column of row.columns) if (!first.has(column)) first.set(column, row.place)
  return [...first].map(([column, at]) => ({ column, place: at }))
}

/** What is wrong with a value of a case, without the name that its rows have inside the engine. */
function wrongValue(error: unknown, source: FileSource, { place }: CaseTable): unknown {
  if (!(error instanceof FtiError)) return error
  const types = Object.entries(source.types).map(([column, type]) => `${column}: ${type}`)
  return new FtiError(featureErrors.FTI_CASE_INPUT, {
    message: error.message.replace(`source '${source.name}'`, 'the case'),
    place,
    remedy: `write values of their types, times with seconds and zone such as 2025-03-04T00:00:00Z (${types.join(', ')})`,
    cause: error,
  })
}
