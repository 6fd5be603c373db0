import { isAbsolute } from 'node:path'
import { baseErrors, diskFull, FtiError } from '../base/index.ts'
import { engineErrors } from './errors.ts'

/** DuckDB's error as ours: first line as the message, `LINE n` and caret as the detail. Anything else unchanged. */
export function sqlError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof FtiError) return error
  const [first = '', ...rest] = error.message.split('\n')
  const kind = /^([A-Z][A-Za-z /_-]*) Error: /.exec(first)?.[1]
  if (kind === undefined || kind === 'INTERNAL' || kind === 'FATAL') return error
  const detail = rest.join('\n').trim()
  const text = { message: first, cause: error, ...(detail === '' ? {} : { detail }) }
  if (kind === 'INTERRUPT') {
    return new FtiError(baseErrors.FTI_INTERRUPTED, {
      message: 'cancelled; nothing was committed',
      remedy: 'run the command again to start over',
      cause: error,
    })
  }
  if (/no space left|max_temp_directory_size/i.test(error.message)) {
    const path = /"([^"]+)"/.exec(first)?.[1]
    if (path !== undefined && isAbsolute(path)) return diskFull(path, { cause: error })
    return new FtiError(baseErrors.FTI_DISK_FULL, { ...text, remedy: 'free some space and run the same command again' })
  }
  if (kind === 'Out of Memory') {
    return new FtiError(engineErrors.FTI_ENGINE_MEMORY, {
      ...text,
      remedy: 'close other programs, or process less at once: fewer source files, or a narrower SELECT',
    })
  }
  if (kind === 'Permission' || /configuration has been locked/.test(first)) {
    return new FtiError(engineErrors.FTI_SQL_REFUSED, {
      ...text,
      remedy: 'read data through the sources of fti.config.yaml; project SQL reaches no other file, address or setting',
    })
  }
  return new FtiError(engineErrors.FTI_SQL_FAILED, {
    ...text,
    remedy:
      kind === 'IO'
        ? 'see whether the file that it names is there, whole and readable, then run the command again'
        : 'correct the statement; the marked place is where DuckDB stopped',
  })
}

/**
 * True where what DuckDB says may come of a Parquet file that is not what was written. A byte that changed shows as nearly any kind of
 * error, a wrong name in a footer as one of the statement; only text that does not parse or names no table cannot come of it.
 */
export function mayComeOfAFile(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (!(error instanceof FtiError)) return /^(INTERNAL|FATAL) Error: /.test(error.message)
  if (error.code === engineErrors.FTI_ENGINE_MEMORY.code) return true
  return error.code === engineErrors.FTI_SQL_FAILED.code && !/^(Parser|Catalog) Error: /.test(error.message)
}

/** The same error with the file that holds the statement as its place; for project SQL that ran inside ours. */
export function atFile(error: unknown, file: string): unknown {
  if (!(error instanceof FtiError) || error.place !== undefined) return error
  const { code, exit, message, remedy, detail, data } = error
  const line = /^LINE (\d+):/m.exec(detail ?? '')?.[1]
  const place = line === undefined ? file : `${file}:${line}`
  const located = new FtiError(
    { code: code as `FTI_${string}`, exit, means: '' },
    { message, remedy, place, detail, data, cause: error.cause },
  )
  return located
}
