import { isAbsolute, relative } from 'node:path'
import { maskSecrets } from './secret.ts'

/** A project file as it was read: what every place and caret points into. */
export interface ProjectText {
  /** Absolute path. */
  readonly file: string
  readonly text: string
}

/** One position in a project file; `offset` counts UTF-16 units from 0. */
export interface Spot {
  readonly source: ProjectText
  readonly offset: number
}

/** `file:line:column`, both from 1; the file relative to the working directory when it lies inside. */
export function placeOf(spot: Spot): string {
  const { line, column } = positionOf(spot)
  return `${shownPath(spot.source.file)}:${line}:${column}`
}

export function shownPath(file: string): string {
  const path = relative(process.cwd(), file)
  return path === '' || path.startsWith('..') || isAbsolute(path) ? file : path
}

export function positionOf(spot: Spot): { line: number; column: number } {
  const before = spot.source.text.slice(0, spot.offset)
  return { line: before.split('\n').length, column: spot.offset - before.lastIndexOf('\n') }
}

const widest = 110

/** The source line with a caret under the spot; nothing for an empty file. Secrets are masked, control characters shown as `?`, long lines cut. */
export function excerptOf(spot: Spot): string {
  if (spot.source.text === '') return ''
  const { line, column } = positionOf(spot)
  const whole = spot.source.text.split('\n')[line - 1]?.replace(/\r$/, '') ?? ''
  // Far more than is shown, so that a secret is whole when it is masked; a line may be as long as the file.
  const from = Math.max(0, column - 1 - 20 * widest)
  const near = printable(maskSecrets(whole.slice(from, column + 20 * widest)))
  const head = near.slice(0, column - 1 - from)
  const tail = near.slice(column - 1 - from)
  const cut = head.length > widest / 2 ? `…${head.slice(-widest / 2)}` : head
  const rest = tail.length > widest ? `${tail.slice(0, widest)}…` : tail
  const margin = `${line} | `
  return `${margin}${cut}${rest}\n${' '.repeat(margin.length)}${cut.replace(/[^\t]/gu, ' ')}^`
}

function printable(text: string): string {
  // Terminal escapes and bidirectional overrides in a file must not reach the reader's terminal.
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (char) => (char === '\t' ? char : '?'))
}
