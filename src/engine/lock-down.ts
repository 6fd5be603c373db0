import { realpathSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import type { EngineOptions } from './engine.ts'
import { quoteText } from './quote.ts'

/**
 * The settings that a fresh DuckDB gets, in order; after the last one no statement can change any of them.
 * Without external access only the allowed folders can be reached, and DuckDB follows links before it compares.
 */
export function lockDown(options: EngineOptions, spillDirectory: string, memoryLimitBytes: number): string[] {
  const folders = [...new Set(options.allowedDirectories.flatMap(spellings))]
  return [
    `SET GLOBAL TimeZone = 'UTC'`,
    `SET GLOBAL memory_limit = '${Math.floor(memoryLimitBytes)}B'`,
    `SET GLOBAL temp_directory = ${quoteText(spillDirectory)}`,
    ...(options.threads === undefined ? [] : [`SET GLOBAL threads = ${options.threads}`]),
    `SET GLOBAL preserve_insertion_order = ${options.preserveOrder ?? true}`,
    'SET GLOBAL autoinstall_known_extensions = false',
    'SET GLOBAL autoload_known_extensions = false',
    'SET GLOBAL allow_community_extensions = false',
    `SET GLOBAL allowed_directories = [${folders.map(quoteText).join(', ')}]`,
    'SET GLOBAL enable_external_access = false',
    'SET GLOBAL lock_configuration = true',
  ]
}

/** A folder under its own name and under the one that its links lead to; with a separator, else `/data` would allow `/database`. */
function spellings(folder: string): string[] {
  const absolute = resolve(folder)
  let real = absolute
  try {
    real = realpathSync(absolute)
  } catch {
    // It may be created later; then its own name has to do.
  }
  return [absolute, real].map((path) => (path.endsWith(sep) ? path : path + sep))
}
