import { resolve } from 'node:path'
import { parseDuration } from '../../base/index.ts'
import type { Source } from '../../contract/index.ts'
import { checkSource } from '../checks/check-source.ts'
import type { SourceYaml, SourceYamlOf } from '../schema/source-schema.ts'
import type { Inspection } from '../text/inspection.ts'
import { checkTableName } from './build-groups.ts'

/** Checks the declared sources and makes nouns of them, with absolute paths. Asks none of them anything. */
export function buildSources(yaml: Readonly<Record<string, SourceYaml>>, inspection: Inspection): Map<string, Source> {
  const sources = new Map<string, Source>()
  for (const [name, source] of Object.entries(yaml)) {
    checkTableName(name, ['sources', name], inspection)
    checkSource(name, source, inspection)
    sources.set(name, buildSource(name, source, inspection.directory))
  }
  return sources
}

function buildSource(name: string, yaml: SourceYaml, directory: string): Source {
  const named = { name, types: 'types' in yaml ? (yaml.types ?? {}) : {} }
  if (yaml.type === 'documents') {
    const extensions = (yaml.extensions ?? ['md', 'markdown', 'txt']).map((text) =>
      text.replace(/^\./, '').toLowerCase(),
    )
    return { ...named, type: yaml.type, path: resolve(directory, yaml.path), extensions }
  }
  const any = { ...named, timeZone: yaml.timeZone }
  if (yaml.type === 'http') return { ...any, ...buildHttp(yaml) }
  if (yaml.type === 'postgres') {
    const { type, url, password, incremental } = yaml
    return {
      ...any,
      type,
      url,
      password,
      read: tableOrQuery(yaml),
      timeoutMs: parseDuration(yaml.timeout ?? '10m'),
      incremental: incremental && {
        column: incremental.column,
        historyMs: parseDuration(incremental.history ?? '0s'),
      },
    }
  }
  if (yaml.type === 'sqlite')
    return { ...any, type: yaml.type, path: resolve(directory, yaml.path), read: tableOrQuery(yaml) }
  if (yaml.type === 'delta') return { ...any, type: yaml.type, path: resolve(directory, yaml.path) }
  if (yaml.type === 'exec') {
    const { type, command, output = 'ndjson' } = yaml
    return { ...any, type, command, output, timeoutMs: parseDuration(yaml.timeout ?? '10m') }
  }
  if (yaml.type === 'push') return { ...any, type: yaml.type }
  return { ...any, type: yaml.type, path: resolve(directory, yaml.path), ...textForm(yaml) }
}

function buildHttp(yaml: SourceYamlOf<'http'>) {
  const { type, url, format = 'json', records, headers = {}, maxPages = 10_000, requestsPerSecond } = yaml
  return {
    type,
    url,
    format,
    records,
    headers,
    paging: buildPaging(yaml.paging),
    maxPages,
    retry: { times: yaml.retry?.times ?? 5, backoffMs: parseDuration(yaml.retry?.backoff ?? '1s') },
    requestsPerSecond,
    timeoutMs: parseDuration(yaml.timeout ?? '30s'),
    ...textForm(yaml),
  }
}

function buildPaging(yaml: SourceYamlOf<'http'>['paging']) {
  if (yaml?.next !== undefined) return { kind: 'next', path: yaml.next } as const
  if (yaml?.linkHeader === true) return { kind: 'link' } as const
  if (yaml?.cursor !== undefined)
    return { kind: 'cursor', path: yaml.cursor, parameter: yaml.parameter ?? 'cursor' } as const
  if (yaml?.page !== undefined) return { kind: 'page', parameter: yaml.page, first: yaml.first ?? 1 } as const
  return undefined
}

function tableOrQuery(yaml: { readonly table?: string | undefined; readonly query?: string | undefined }) {
  return yaml.query === undefined ? { table: yaml.table ?? '' } : { query: yaml.query }
}

interface TextFormYaml {
  readonly nulls?: string[] | undefined
  readonly delimiter?: string | undefined
  readonly encoding?: 'utf-8' | 'latin-1' | undefined
}

function textForm({ nulls = [], delimiter = ',', encoding = 'utf-8' }: TextFormYaml) {
  return { nulls, delimiter, encoding }
}
