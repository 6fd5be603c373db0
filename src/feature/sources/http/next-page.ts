import { FtiError } from '../../../base/index.ts'
import type { HttpSource } from '../../../contract/index.ts'
import { featureErrors } from '../../errors.ts'
import { shownUrl } from '../where-is.ts'
import type { Answer } from './client.ts'

/** What is known when a page has been read. */
export interface PageEnd {
  readonly answer: Pick<Answer, 'link' | 'url'>
  /** Counts from 1. */
  readonly number: number
  /** Address of this page. */
  readonly url: string
  /** What stands at the path of `next` or `cursor` in its JSON. */
  readonly next?: string | undefined
}

export function firstPage({ url, paging }: HttpSource): string {
  return paging?.kind === 'page' ? withParameter(url, paging.parameter, String(paging.first)) : url
}

/** Address of the page behind this one; undefined at the last. */
export function nextPage(source: HttpSource, { answer, number, url, next }: PageEnd): string | undefined {
  const { paging } = source
  if (paging === undefined) return undefined
  if (paging.kind === 'page') return withParameter(url, paging.parameter, String(paging.first + number))
  const found = paging.kind === 'link' ? linkedNext(answer.link) : next
  if (found === undefined || found === '') return undefined
  return paging.kind === 'cursor' ? withParameter(url, paging.parameter, found) : sameServer(source, found, answer.url)
}

function withParameter(url: string, name: string, value: string): string {
  const at = new URL(url)
  at.searchParams.set(name, value)
  return at.href
}

/** The target of rel="next" in a Link header (RFC 8288). */
function linkedNext(header: string | undefined): string | undefined {
  for (const [, target, parameters = ''] of (header ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)/i.test(parameters)) return target
  }
  return undefined
}

/** A page that leads elsewhere would take our headers, and so our token, along. */
function sameServer(source: HttpSource, next: string, from: string): string {
  const url = URL.canParse(next, from) ? new URL(next, from) : undefined
  if (url && url.origin === new URL(source.url).origin) return url.href
  const message = url ? `to another server: ${shownUrl(url.href)}` : `to what is no URL: ${next.slice(0, 80)}`
  throw new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `a page of source '${source.name}' leads ${message}`,
    place: shownUrl(source.url),
    remedy: `correct sources.${source.name}.paging; all pages come from the server that sources.${source.name}.url names`,
  })
}
