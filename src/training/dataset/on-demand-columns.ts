import type { Signature, ValueType } from '../../contract/index.ts'
import { type Column, type ColumnBatch, type Engine, quoteName } from '../../engine/index.ts'
import { duckdbType } from '../../store/index.ts'
import { type OnDemandCall, type OnDemandFunction, type OnDemandSpec, wrapOnDemand } from '../../transform/index.ts'

/** Inputs and outputs with their types. An input is a key or a request column, as serving has it too. */
export function onDemandSpec({ onDemand, entityKeys, request }: Signature): OnDemandSpec {
  const types = new Map([...Object.entries(entityKeys), ...request.map(({ name, type }) => [name, type] as const)])
  const inputs = Object.fromEntries((onDemand?.inputs ?? []).map((name) => [name, types.get(name) ?? 'string']))
  return { inputs, outputs: onDemand?.outputs ?? {} }
}

/** Runs the function over every row of the table `from` and creates the table `to`: its outputs by `_row`. */
export async function addOnDemandColumns(
  engine: Engine,
  run: OnDemandFunction,
  spec: OnDemandSpec,
  { from, to, signal }: { readonly from: string; readonly to: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const call = wrapOnDemand(run, spec)
  const inputs = Object.keys(spec.inputs)
  const outputs = Object.entries(spec.outputs)
  const declared = outputs.map(([name, type]) => `${quoteName(name)} ${duckdbType(type)}`)
  await engine.execute(`CREATE TABLE ${to} (_row BIGINT, ${declared.join(', ')})`)
  const select = `SELECT _row, ${inputs.map(quoteName).join(', ')} FROM ${from}`
  for await (const batch of engine.stream(select, signal)) {
    await engine.appendColumns(to, computeBatch(batch, call, spec.inputs, outputs))
  }
}

function computeBatch(
  batch: ColumnBatch,
  call: OnDemandCall,
  inputs: Readonly<Record<string, ValueType>>,
  outputs: readonly (readonly [string, ValueType])[],
): ColumnBatch {
  const readers = Object.entries(inputs).map(([name, type]) => [name, inputReader(batch.columns[name], type)] as const)
  const columns = outputs.map(([, type]) => emptyColumn(type, batch.rows))
  const row: Record<string, string | number | boolean | null> = {}
  for (let i = 0; i < batch.rows; i++) {
    for (const [name, read] of readers) row[name] = read(i)
    const answer = call(row)
    outputs.forEach(([name], index) => {
      setValue(columns[index] as Column, i, answer[name] ?? null)
    })
  }
  const made = Object.fromEntries(outputs.map(([name], index) => [name, columns[index] as Column]))
  return { rows: batch.rows, columns: { _row: batch.columns['_row'] as Column, ...made } }
}

/** Values in the one form that serving gives the function: whole milliseconds for moments, true and false for booleans. */
function inputReader(column: Column | undefined, type: ValueType): (row: number) => string | number | boolean | null {
  if (column === undefined) throw new Error('an input of the on-demand function is missing from the batch')
  if (column.kind === 'text') return (row) => column.values[row] ?? null
  const { values, nulls } = column
  if (type === 'boolean') return (row) => (nulls[row] ? null : values[row] === 1)
  if (type === 'timestamp') return (row) => (nulls[row] ? null : Math.floor(values[row] as number))
  return (row) => (nulls[row] ? null : (values[row] as number))
}

function emptyColumn(type: ValueType, rows: number): Column {
  if (type === 'string') return { kind: 'text', values: new Array<string | null>(rows).fill(null) }
  return { kind: 'number', values: new Float64Array(rows), nulls: new Uint8Array(rows) }
}

function setValue(column: Column, row: number, value: string | number | boolean | null): void {
  if (column.kind === 'text') column.values[row] = value === null ? null : String(value)
  else if (value === null) column.nulls[row] = 1
  else column.values[row] = Number(value)
}
