import type { FileSource } from '../../contract/index.ts'
import type { SourceYaml, SourceYamlOf } from '../schema/source-schema.ts'
import type { ConfigPath } from '../text/config-path.ts'
import type { Inspection } from '../text/inspection.ts'

/** What the schema alone cannot say of a source: keys that belong together, or to another format. */
export function checkSource(name: string, source: SourceYaml, inspection: Inspection): void {
  const path = ['sources', name]
  if ('timeZone' in source) checkTimeZone(path, source.timeZone, inspection)
  if ('path' in source) checkLocalPath(path, source.path, inspection)
  if (source.type === 'http') checkHttp(name, source, inspection)
  if (source.type === 'postgres') checkUrl(path, source.url, ['postgres:', 'postgresql:'], inspection)
  if (source.type === 'postgres' || source.type === 'sqlite') exactlyOne(path, source, ['table', 'query'], inspection)
  if (source.type === 'push') checkColumns(path, source.types, inspection)
  if ('nulls' in source || 'delimiter' in source || 'encoding' in source) checkTextForm(name, source, inspection)
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

function checkLocalPath(path: ConfigPath, location: string, inspection: Inspection): void {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(location)) return
  const remedy = /^https?:/i.test(location)
    ? 'write type: http and url: in place of path:'
    : 'fetch it into a file first, and name the file'
  inspection.add('FTI_PROJECT_VALUE', [...path, 'path'], 'a path is one of this machine, not an address', remedy)
}

function checkHttp(name: string, source: SourceYamlOf<'http'>, inspection: Inspection): void {
  const path = ['sources', name]
  checkUrl(path, source.url, ['http:', 'https:'], inspection)
  const { format = 'json', paging } = source
  if (format !== 'json' && source.records !== undefined)
    conflict([...path, 'records'], `'records' is for json; ${name} is ${format}`, 'remove records', inspection)
  if (paging === undefined) return
  exactlyOne([...path, 'paging'], paging, ['next', 'linkHeader', 'cursor', 'page'], inspection)
  for (const key of ['next', 'cursor'] as const) {
    if (format === 'json' || paging[key] === undefined) continue
    const remedy = 'use linkHeader or page'
    conflict([...path, 'paging', key], `'${key}' stands in a JSON answer; ${name} is ${format}`, remedy, inspection)
  }
  for (const [key, owner] of [
    ['parameter', 'cursor'],
    ['first', 'page'],
  ] as const) {
    if (paging[key] === undefined || paging[owner] !== undefined) continue
    conflict([...path, 'paging', key], `'${key}' belongs to ${owner}`, `remove ${key}`, inspection)
  }
}

function checkTextForm(name: string, source: SourceYamlOf<FileSource['type'] | 'http'>, inspection: Inspection): void {
  const format = source.type === 'http' ? (source.format ?? 'json') : source.type
  if (format === 'csv') return
  for (const key of ['nulls', 'delimiter', 'encoding'] as const) {
    if (source[key] === undefined) continue
    conflict(['sources', name, key], `'${key}' is for csv; ${name} is ${format}`, `remove ${key}`, inspection)
  }
}

function checkUrl(path: ConfigPath, url: string, schemes: readonly string[], inspection: Inspection): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed && schemes.includes(parsed.protocol) && parsed.hostname !== '') return
  const example = schemes.includes('http:') ? 'https://HOST/PATH' : 'postgres://USER@HOST:5432/DATABASE'
  inspection.add(
    'FTI_PROJECT_VALUE',
    [...path, 'url'],
    `not a URL of ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
    `write ${example}`,
  )
}

function exactlyOne<Key extends string>(
  path: ConfigPath,
  source: Readonly<Partial<Record<Key, unknown>>>,
  keys: readonly Key[],
  inspection: Inspection,
): void {
  const [first, second] = keys.filter((key) => source[key] !== undefined && source[key] !== false)
  if (first === undefined) {
    const owner = path.at(-1)
    inspection.add(
      'FTI_PROJECT_KEY_MISSING',
      path,
      `${owner} has none of ${keys.join(', ')}`,
      `add one of them here`,
      'key',
    )
  } else if (second !== undefined) {
    conflict([...path, second], `'${first}' and '${second}' exclude each other`, 'remove one of the two', inspection)
  }
}

function checkColumns(path: ConfigPath, types: object, inspection: Inspection): void {
  if (Object.keys(types).length > 0) return
  inspection.add(
    'FTI_PROJECT_VALUE',
    [...path, 'types'],
    'a pushed row has no columns',
    'write a column and its type: { id: string }',
  )
}

function conflict(path: ConfigPath, message: string, remedy: string, inspection: Inspection): void {
  inspection.add('FTI_PROJECT_CONFLICT', path, message, remedy, 'key')
}

function checkTimeZone(path: ConfigPath, zone: string | undefined, inspection: Inspection): void {
  if (zone === undefined || isTimeZone(zone)) return
  const remedy = 'write an IANA name such as UTC or America/New_York'
  inspection.add('FTI_PROJECT_VALUE', [...path, 'timeZone'], `there is no time zone '${zone}'`, remedy)
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
