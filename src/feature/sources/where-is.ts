import { relative } from 'node:path'
import type { Source } from '../../contract/index.ts'

/** Where a source lies, for people. Never a secret: neither the user of a URL, nor its password, nor its parameters. */
export function whereIs(source: Source, directory: string): string {
  if (source.type === 'http') return shownUrl(source.url)
  if (source.type === 'postgres') {
    const { host, pathname } = new URL(source.url)
    return `${host}${pathname}${source.read.table === undefined ? '' : `, table ${source.read.table}`}`
  }
  if (source.type === 'exec') return source.command[0] ?? ''
  if (source.type === 'push') return 'pushed rows'
  const path = relative(directory, source.path) || '.'
  return source.type === 'sqlite' && source.read.table !== undefined ? `${path}, table ${source.read.table}` : path
}

/** An address without what may be secret in it. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
