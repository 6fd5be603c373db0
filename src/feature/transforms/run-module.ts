import { relative } from 'node:path'
import { FtiError, throwIfCancelled } from '../../base/index.ts'
import type { FeatureGroup, Value, ValueType } from '../../contract/index.ts'
import { type Column, type ColumnBatch, type Engine, quoteName } from '../../engine/index.ts'
import type { ModuleBundle, Project } from '../../project/index.ts'
import { duckdbType } from '../../store/index.ts'
import { type RowFunction, transformErrors, wrapRowFunction } from '../../transform/index.ts'
import { expectedColumns } from './check-schema.ts'

/**
 * Creates `table` with the columns of the group's contract, and fills it with what the group's module makes of the rows of `select`,
 * batch by batch. Errors: FTI_MODULE_INPUT, FTI_MODULE_OUTPUT, FTI_MODULE_FAILED.
 */
export async function runModule(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  { module, select, table }: { readonly module: ModuleBundle; readonly select: string; readonly table: string },
  signal?: AbortSignal,
): Promise<void> {
  const place = relative(project.directory, group.transform.module ?? '')
  const outputs = expectedColumns(group).map(({ name, type }) => [name, type] as const)
  const run = wrapRowFunction(await loadFunction(module), { place, outputs })
  const types = new Map((await engine.describe(select)).map(({ name, type }) => [name, type]))
  const columns = outputs.map(([name, type]) => `${quoteName(name)} ${duckdbType(type)}`)
  await engine.execute(`CREATE TABLE ${table} (${columns.join(', ')})`)
  for await (const batch of engine.stream(select, signal)) {
    throwIfCancelled(signal)
    const made = run(rowsOf(batch, types, place))
    if (made.length > 0) await engine.appendColumns(table, batchOf(made, outputs))
  }
}

async function loadFunction({ code }: ModuleBundle): Promise<RowFunction> {
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
  return ((await import(url)) as { readonly default: RowFunction }).default
}

function rowsOf(batch: ColumnBatch, types: ReadonlyMap<string, string>, place: string) {
  const columns = Object.entries(batch.columns)
  const readers = columns.map(([name, column]) => [name, readerOf(name, column, types.get(name) ?? '', place)] as const)
  return Array.from({ length: batch.rows }, (_, row) =>
    Object.fromEntries(readers.map(([name, read]) => [name, read(row)])),
  )
}

function readerOf(name: string, column: Column, type: string, place: string) {
  if (column.kind === 'text') return (row: number) => column.values[row] ?? null
  const { values, nulls } = column
  return (row: number): number | boolean | null => {
    if (nulls[row] === 1) return null
    const value = values[row] as number
    if (type === 'BOOLEAN') return value !== 0
    if (type === 'BIGINT' && !Number.isSafeInteger(value)) throw tooLarge(name, place)
    return value
  }
}

function tooLarge(column: string, place: string): FtiError {
  return new FtiError(transformErrors.FTI_MODULE_INPUT, {
    message: `column '${column}' holds a whole number beyond 2^53, which JavaScript would round`,
    place,
    remedy: `give it to the module as text: select ${column}::varchar as ${column}`,
  })
}

function batchOf(
  rows: readonly Readonly<Record<string, Value>>[],
  outputs: readonly (readonly [string, ValueType])[],
): ColumnBatch {
  const columns = outputs.map(([name, type]): [string, Column] => {
    if (type === 'string') return [name, { kind: 'text', values: rows.map((row) => row[name] as string | null) }]
    const values = Float64Array.from(rows, (row) => (row[name] === null ? Number.NaN : Number(row[name])))
    return [name, { kind: 'number', values, nulls: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0)) }]
  })
  return { rows: rows.length, columns: Object.fromEntries(columns) }
}
