import { quoteText } from '../../engine/index.ts'
import { duckdbType } from '../delta/column-type.ts'
import type { EntityToForget } from './entity-to-forget.ts'

/**
 * SQL condition of the refused rows that are about the entity. They are kept as JSON with every value as text; a line of a stream
 * that was no row of its source is kept whole, as the one member `line`, and is never worth keeping where it may name the entity.
 */
export function isRefusedRowAbout(entity: EntityToForget): string {
  return `(${hasKey('CAST("row" AS JSON)', entity)} OR ${hasKey(lineAsJson, entity)} OR ${isNamedInTextOnly(entity)})`
}

/**
 * SQL condition of those among them that are taken for the entity's only because their text has its key: lines that are no JSON,
 * or whose JSON has not the columns of the key, such as one that the transform would have renamed.
 */
export function isNamedInTextOnly(entity: EntityToForget): string {
  const members = entity.map(({ name }) => `json_exists(${lineAsJson}, ${path(name)})`)
  const isKeyed = `coalesce(${members.join(' AND ')}, false)`
  const parts = entity.map(({ value }) => {
    const forms = formsInText(String(value)).map((form) => `regexp_escape(${quoteText(form)})`)
    // Else the key 1 would be found in 17.
    const whole = `'(^|[^\\pL\\pN_])(' || ${forms.join(` || '|' || `)} || ')($|[^\\pL\\pN_])'`
    return `regexp_matches(${line}, ${whole})`
  })
  return `(${line} IS NOT NULL AND NOT ${isKeyed} AND ${parts.join(' AND ')})`
}

const line = `(CASE WHEN json_keys("row") = ['line'] THEN json_extract_string("row", '$.line') END)`
const lineAsJson = `TRY_CAST(${line} AS JSON)`

function hasKey(json: string, entity: EntityToForget): string {
  const parts = entity.map(({ name, type, value }) => {
    const stored = `json_extract_string(${json}, ${path(name)})`
    const text = quoteText(String(value))
    return `(${stored} = ${text} OR TRY_CAST(${stored} AS ${duckdbType(type)}) = CAST(${text} AS ${duckdbType(type)}))`
  })
  return `coalesce(${parts.join(' AND ')}, false)`
}

function path(column: string): string {
  return quoteText(`$."${column}"`)
}

/** As it is, and as writers of JSON escape it: only what they must, or all that is not ASCII. */
function formsInText(value: string): string[] {
  const escaped = JSON.stringify(value).slice(1, -1)
  const ascii = escaped.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return [...new Set([value, escaped, ascii])]
}
