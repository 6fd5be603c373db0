import { resolve } from 'node:path'
import type { Source } from '../contract/index.ts'
import { checkTableName } from './build-groups.ts'
import type { Inspection } from './inspection.ts'
import type { SourceYaml } from './source-schema.ts'

/** Checks the declared sources and makes nouns of them, with absolute paths. */
export function buildSources(yaml: Readonly<Record<string, SourceYaml>>, inspection: Inspection): Map<string, Source> {
  const sources = new Map<string, Source>()
  for (const [name, source] of Object.entries(yaml)) {
    checkTableName(name, ['sources', name], inspection)
    checkSource(name, source, inspection)
    sources.set(name, {
      name,
      type: source.type,
      path: resolve(inspection.directory, source.path),
      nulls: source.nulls ?? [],
      types: source.types ?? {},
      timeZone: source.timeZone,
      delimiter: source.delimiter ?? ',',
      encoding: source.encoding ?? 'utf-8',
    })
  }
  return sources
}

function checkSource(name: string, source: SourceYaml, inspection: Inspection): void {
  const path = ['sources', name]
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(source.path)) {
    const remedy = 'fetch it into a file first, and name the file'
    inspection.add(
      'FTI_PROJECT_UNSUPPORTED',
      [...path, 'path'],
      'sources over a network are not supported yet in this version',
      remedy,
    )
  }
  for (const key of ['nulls', 'delimiter', 'encoding'] as const) {
    if (source.type === 'csv' || source[key] === undefined) continue
    inspection.add(
      'FTI_PROJECT_CONFLICT',
      [...path, key],
      `'${key}' is for csv; ${name} is ${source.type}`,
      `remove ${key}`,
      'key',
    )
  }
  if (source.timeZone !== undefined && !isTimeZone(source.timeZone)) {
    const remedy = 'write an IANA name such as UTC or America/New_York'
    inspection.add('FTI_PROJECT_VALUE', [...path, 'timeZone'], `there is no time zone '${source.timeZone}'`, remedy)
  }
  if (source.type === 'parquet' && source.types !== undefined) {
    const remedy = 'remove types; Parquet files carry their own'
    inspection.add(
      'FTI_PROJECT_CONFLICT',
      [...path, 'types'],
      `'types' is for text files; ${name} is parquet`,
      remedy,
      'key',
    )
  }
}

function isTimeZone(zone: string): boolean {
  try {
    // Offsets such as +05:00 pass here on newer Node and fail in DuckDB.
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
