import { FtiError, parseTime, safeName } from '../base/index.ts'
import { contractErrors } from './errors.ts'

/** `group`, `group@17` or `group@{2026-05-01T00:00Z}`: a feature group now, at a snapshot, or at a moment. */
export interface SnapshotSelector {
  readonly group: string
  readonly at: { readonly kind: 'latest' } | { readonly kind: 'snapshot'; readonly snapshot: number } | AtTime
}

interface AtTime {
  readonly kind: 'time'
  readonly time: Date
}

/** `model`, `model@3` or `model@champion`. */
export interface VersionSelector {
  readonly model: string
  readonly at: { readonly kind: 'version'; readonly version: number } | { readonly kind: 'tag'; readonly tag: string }
}

export function parseSnapshotSelector(text: string): SnapshotSelector {
  const [name = '', at, ...rest] = text.split('@')
  const group = safeName(name, 'feature group')
  if (rest.length > 0) throw malformed(text, 'group, group@17 or group@{2026-05-01T00:00Z}')
  if (at === undefined) return { group, at: { kind: 'latest' } }
  if (/^\d+$/.test(at)) return { group, at: { kind: 'snapshot', snapshot: Number(at) } }
  const time = /^\{(.+)\}$/.exec(at)?.[1]
  if (time === undefined) throw malformed(text, 'group, group@17 or group@{2026-05-01T00:00Z}')
  return { group, at: { kind: 'time', time: parseTime(time) } }
}

/** `group@v2`: a contract version of a feature group. */
export interface ContractSelector {
  readonly group: string
  readonly contractVersion: number
}

export function parseContractSelector(text: string): ContractSelector {
  const [name = '', at = '', ...rest] = text.split('@')
  const version = /^v([1-9]\d{0,5})$/.exec(at)?.[1]
  if (rest.length > 0 || version === undefined) throw malformed(text, 'group@v2')
  return { group: safeName(name, 'feature group'), contractVersion: Number(version) }
}

/** A version selector; without `@` it names `defaultTag`. */
export function parseVersionSelector(text: string, defaultTag = 'champion'): VersionSelector {
  const [name = '', at = defaultTag, ...rest] = text.split('@')
  const model = safeName(name, 'model')
  if (rest.length > 0) throw malformed(text, 'model@3 or model@champion')
  if (/^\d+$/.test(at)) return { model, at: { kind: 'version', version: Number(at) } }
  return { model, at: { kind: 'tag', tag: safeName(at, 'tag') } }
}

function malformed(text: string, form: string): FtiError {
  return new FtiError(contractErrors.FTI_REFERENCE_INVALID, {
    message: `'${text}' is not a reference`,
    remedy: `write ${form}`,
  })
}
