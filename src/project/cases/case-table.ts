import { dirname, extname, join } from 'node:path'
import { didYouMean } from '../../base/index.ts'
import { type ValueType, valueTypes } from '../../contract/index.ts'
import type { ConfigNode, ScalarNode } from '../text/config-node.ts'
import type { Problem } from '../text/problem.ts'
import { placeOf, type Spot } from '../text/project-text.ts'
import type { CaseRow, CaseTable } from './feature-case.ts'

const fileTypes = { '.csv': 'csv', '.ndjson': 'ndjson', '.jsonl': 'ndjson', '.parquet': 'parquet' } as const

/** Rows as a list, as the name of a file beside the case, or as `{ rows | file, types }`. */
export function readTable(node: ConfigNode, keySpot: Spot, problems: Problem[]): CaseTable {
  const place = placeOf(keySpot)
  if (node.kind !== 'map') return { place, types: {}, ...rowsOrFile(node, problems) }
  const { entries } = node
  const types = entries.get('types')?.node
  const body = entries.get('rows')?.node ?? entries.get('file')?.node
  for (const [key, entry] of entries) {
    if (!['rows', 'file', 'types'].includes(key))
      problems.push(wrong(entry.keySpot, `no such key: '${key}'`, didYouMean(key, ['rows', 'file', 'types'])))
  }
  if (body === undefined) problems.push(wrong(keySpot, 'there are no rows here', 'write a list of rows, or a file'))
  return { place, types: types ? readTypes(types, problems) : {}, ...(body ? rowsOrFile(body, problems) : {}) }
}

function rowsOrFile(node: ConfigNode, problems: Problem[]): Pick<CaseTable, 'rows' | 'file'> {
  if (node.kind === 'list') return { rows: node.items.flatMap((item) => readRow(item, problems)) }
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    const path = join(dirname(node.spot.source.file), node.value)
    const type = fileTypes[extname(path).toLowerCase() as keyof typeof fileTypes]
    if (type !== undefined) return { file: { path, type } }
    const message = `'${node.value}' is no file of rows that a case can read`
    problems.push(wrong(node.spot, message, `name a file that ends in ${Object.keys(fileTypes).join(', ')}`))
    return {}
  }
  problems.push(wrong(node.spot, 'rows are a list, or the name of a file', 'write - { column: value } for each row'))
  return {}
}

function readRow(node: ConfigNode, problems: Problem[]): CaseRow[] {
  if (node.kind === 'map') {
    const columns = [...node.entries.keys()]
    const texts = [...node.entries.values()].map((entry) => textOf(entry.node))
    if (columns.length > 0) return [{ columns, json: jsonOf(node), texts, place: placeOf(node.spot) }]
  }
  problems.push(wrong(node.spot, 'a row names its columns', 'write { column: value, … }'))
  return []
}

function readTypes(node: ConfigNode, problems: Problem[]): Record<string, ValueType> {
  const types: Record<string, ValueType> = {}
  if (node.kind !== 'map') problems.push(wrong(node.spot, 'types are a mapping', 'write { column: type }'))
  else
    for (const [column, { node: type }] of node.entries) {
      const name = type.kind === 'scalar' ? String(type.value) : ''
      if ((valueTypes as readonly string[]).includes(name)) types[column] = name as ValueType
      else problems.push(wrong(type.spot, `there is no type '${name}'`, didYouMean(name, valueTypes)))
    }
  return types
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/

/** As JSON in which every number has the digits that were written. */
function jsonOf(node: ConfigNode): string {
  if (node.kind === 'list') return `[${node.items.map(jsonOf).join(',')}]`
  if (node.kind === 'scalar') return scalarJson(node)
  return `{${[...node.entries].map(([key, entry]) => `${JSON.stringify(key)}:${jsonOf(entry.node)}`).join(',')}}`
}

function textOf(node: ConfigNode): string | null {
  if (node.kind !== 'scalar') return jsonOf(node)
  if (node.value === null) return null
  return typeof node.value === 'number' && Number.isFinite(node.value) ? node.written : String(node.value)
}

function scalarJson({ value, written }: ScalarNode): string {
  if (typeof value !== 'number') return JSON.stringify(value)
  if (jsonNumber.test(written)) return written
  // JSON has no such numbers; as text the engine knows them by these names.
  if (Number.isNaN(value)) return '"NaN"'
  if (!Number.isFinite(value)) return value > 0 ? '"Infinity"' : '"-Infinity"'
  // 007 or 0x1F: a column of text has what was written, and one of numbers takes it or says that it cannot.
  return JSON.stringify(written)
}

function wrong(spot: Spot, message: string, remedy: string): Problem {
  return { code: 'FTI_CASE_INVALID', message, remedy, spot }
}
