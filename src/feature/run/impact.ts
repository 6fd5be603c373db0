import { amended, FtiError } from '../../base/index.ts'
import { describeReader, type Reader } from '../readers.ts'
import { type SourceChange, sourceChangeLine } from '../sources/source-changes.ts'

/** The error of a run with what was changed upstream, and with a remedy that names the column's new name if it has one. */
export function withSourceChanges(error: unknown, changes: readonly SourceChange[]): unknown {
  if (!(error instanceof FtiError) || changes.length === 0) return error
  const missing = error.data?.['column']
  const renamed = changes.find(({ change, column }) => change === 'renamed' && column === missing)
  return amended(error, {
    detail: [error.detail ?? '', 'since the last commit:', ...changes.map(sourceChangeLine)].join('\n').trim(),
    data: { ...error.data, sourceChanges: changes },
    ...(renamed === undefined
      ? {}
      : {
          remedy:
            `did you mean '${renamed.to}'? It is new in ${renamed.source} since '${renamed.column}' is gone; ` +
            `correct the SQL, or ask the owner of ${renamed.source}`,
        }),
  })
}

/** The error of a run with the tagged model versions that go on with the values of before. */
export function withReaders(error: unknown, group: string, all: readonly Reader[]): unknown {
  if (!(error instanceof FtiError) || error.data?.['readers'] !== undefined) return error
  const readers = all.filter((reader) => reader.group === group)
  if (readers.length === 0) return error
  const lines = readers.map((reader) => `read by ${describeReader(reader)}: ${reader.features.join(', ')}`)
  return amended(error, {
    detail: [...(error.detail === undefined ? [] : [error.detail]), ...lines].join('\n'),
    data: { ...error.data, readers: readers.map(describeReader) },
  })
}
