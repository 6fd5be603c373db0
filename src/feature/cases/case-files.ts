import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, FtiError, isSystemError } from '../../base/index.ts'
import type { FileSource, Source, ValueType } from '../../contract/index.ts'
import type { CaseRow, CaseTable } from '../../project/index.ts'
import { valueTypeOf } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { type SourceFiles, spooledFile } from '../sources/files/source-files.ts'
import { documentColumns } from '../sources/read-documents.ts'
import { asFileSource } from '../sources/spooled.ts'
import type { CaseRoom } from './case-folder.ts'

/** Rows of a source as files under its name, read as those of a run are; written rows take the place of any kind of source. */
export async function sourceFilesOf(room: CaseRoom, source: Source, table: CaseTable): Promise<SourceFiles> {
  const types = { ...ownTypes(source), ...table.types }
  if (table.file !== undefined) return fileBeside({ ...asFileSource(source, table.file.type), types }, table)
  const files = await spool(room, { ...asFileSource(source, formOf(source)), types, encoding: 'utf-8' }, table)
  return source.type === 'push' ? { ...files, isStrict: true } : files
}

/** Where a source is no JSON, DuckDB's reader of CSV tells types of written values that are nearer to those of a database. */
function formOf(source: Source): 'csv' | 'ndjson' {
  const form = source.type === 'http' ? source.format : source.type === 'exec' ? source.output : source.type
  return ['json', 'ndjson', 'push', 'documents'].includes(form) ? 'ndjson' : 'csv'
}

function ownTypes(source: Source): Record<string, ValueType> {
  if (source.type !== 'documents') return { ...source.types }
  return Object.fromEntries(documentColumns.map(({ name, type }) => [name, valueTypeOf(type) ?? 'string']))
}

/** Rows as a file of the source's form, so that DuckDB tells their types as it tells those of the source. */
export async function spool(room: CaseRoom, source: FileSource, table: CaseTable): Promise<SourceFiles> {
  const { rows = [], place } = table
  // A column that has a type is there, though no row says anything of it.
  const columns = new Set([...rows.flatMap((row) => row.columns), ...Object.keys(source.types)])
  const path = join(room.folder, `${source.name}.${source.type}`)
  const text = source.type === 'csv' ? csvText(source, rows, [...columns]) : jsonText(rows, [...columns])
  await writeFile(path, text)
  return filesOf(source, path, place)
}

function jsonText(rows: readonly CaseRow[], columns: readonly string[]): string {
  const line = ({ columns: said, json }: CaseRow) => {
    const silent = columns.filter((column) => !said.includes(column))
    return `{${silent.map((column) => `${JSON.stringify(column)}:null,`).join('')}${json.slice(1)}\n`
  }
  return rows.map(line).join('')
}

function csvText({ delimiter }: FileSource, rows: readonly CaseRow[], columns: readonly string[]): string {
  const field = (text: string | null) => {
    if (text === null) return ''
    return text === '' || /["\r\n]|^\s|\s$/.test(text) || text.includes(delimiter)
      ? `"${text.replaceAll('"', '""')}"`
      : text
  }
  const line = (texts: readonly (string | null)[]) => `${texts.map(field).join(delimiter)}\n`
  const valuesOf = ({ columns: said, texts }: CaseRow) =>
    columns.map((column) => (said.includes(column) ? (texts[said.indexOf(column)] ?? null) : null))
  return rows.length === 0 ? '' : line(columns) + rows.map((row) => line(valuesOf(row))).join('')
}

export async function fileBeside(source: FileSource, { file, place }: CaseTable): Promise<SourceFiles> {
  try {
    return await filesOf(source, file?.path ?? '', place)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'EISDIR')) throw error
    throw new FtiError(featureErrors.FTI_CASE_INPUT, {
      message: `the case names a file of rows that does not exist: ${file?.path}`,
      place,
      remedy: 'a path begins at the folder of the case',
    })
  }
}

async function filesOf(source: FileSource, path: string, place: string): Promise<SourceFiles> {
  const file = await spooledFile(path, place)
  return { source, files: [file], digest: digestOf(file.sha256) }
}
