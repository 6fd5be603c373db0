import type { Surface } from '../terminal/surface.ts'
import type { Cell } from './page.ts'
import { widthOf, wrapWords } from './wrap-words.ts'

/**
 * Rows in columns: on a terminal as wide as it is, in cells of several lines where need be and one column name a line where even
 * that is too wide; elsewhere padded columns, a row a line, that `awk` and `grep` can read.
 */
export async function renderTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  surface: Surface,
  cellText: (cell: Cell) => string,
): Promise<string> {
  const names = head.map((name) => cellText({ text: name, tone: 'strong' }))
  const cells = rows.map((row) => row.map((cell) => oneLine(cellText(cell))))
  const widths = surface.fancy ? fittingWidths([names, ...cells], surface.columns) : undefined
  if (surface.fancy && widths === undefined) return upright(head, cells, surface, cellText)
  const { default: Table } = await import('cli-table3')
  const table = new Table({
    head: broken(names, widths),
    colAligns: head.map((_, column) => (isNumeric(rows, column) ? ('right' as const) : ('left' as const))),
    // cli-table3 would colour the head and borders on its own.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': surface.fancy ? 1 : 2 },
    ...(surface.fancy ? { chars: light } : { chars: none }),
  })
  for (const row of cells) table.push(broken(row, widths))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** The padding behind a cell and what stands between two. */
const perColumn = 2

/** How wide each column may be so that all fit; undefined where no breaking between words is enough. */
function fittingWidths(lines: readonly (readonly string[])[], columns: number): number[] | undefined {
  const count = lines[0]?.length ?? 0
  const across = (measure: (text: string) => number) =>
    Array.from({ length: count }, (_, column) => Math.max(0, ...lines.map((line) => measure(line[column] ?? ''))))
  const widths = across(widthOf)
  const least = across((text) => Math.max(...text.split(/\s+/).map(widthOf)))
  const room = columns + 2 - perColumn * count
  const total = () => widths.reduce((sum, width) => sum + width, 0)
  while (total() > room) {
    const slack = widths.map((width, column) => (width > (least[column] ?? 0) ? width : 0))
    const widest = slack.indexOf(Math.max(...slack))
    if (slack[widest] === 0 || slack[widest] === undefined) return undefined
    widths[widest] = slack[widest] - 1
  }
  return widths
}

function broken(row: readonly string[], widths: readonly number[] | undefined): string[] {
  return row.map((text, column) => (widths === undefined ? text : wrapWords(text, widths[column] ?? 0).join('\n')))
}

/** Values up to this width stand beside one another below their row. */
const shortWidth = 22

/** Rows below one another, each with its first cell as a heading, then every other one behind the name of its column. */
function upright(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  surface: Surface,
  cellText: (cell: Cell) => string,
): string {
  const name = (column: number) => head[column] ?? ''
  const dim = (text: string) => cellText({ text, tone: 'dim' })
  const isShort = rows.every((row) => row.slice(1).every((text) => widthOf(text) <= shortWidth))
  const width = Math.max(0, ...head.slice(1).map((text) => text.length))
  const below = (cells: readonly (readonly [number, string])[]) =>
    isShort
      ? packed(
          cells.map(([column, text]) => `${dim(name(column))} ${text}`),
          surface.columns,
        )
      : cells.flatMap(([column, text]) =>
          wrapWords(`  ${dim(name(column).padEnd(width))}  ${text}`, surface.columns, width + 4),
        )
  return rows
    .map((row) => {
      const cells = row.map((text, column) => [column, text] as const).slice(1)
      return [row[0], ...below(cells.filter(([, text]) => widthOf(text) > 0))].join('\n')
    })
    .join('\n')
}

/** As many pieces a line as fit, never broken. */
function packed(pieces: readonly string[], columns: number): string[] {
  const lines: string[] = []
  for (const piece of pieces) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 2 + widthOf(piece) <= columns)
      lines[lines.length - 1] = `${last}  ${piece}`
    else lines.push(`  ${piece}`)
  }
  return lines
}

function isNumeric(rows: readonly (readonly Cell[])[], column: number): boolean {
  const cells = rows.map((row) => row[column]).filter((cell) => cell !== null && cell !== undefined)
  return cells.length > 0 && cells.every((cell) => typeof cell === 'number')
}

/** A row is one line: what breaks it is shown, not obeyed. */
function oneLine(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}

const noMiddle = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }
const light = {
  ...noMiddle,
  middle: ' ',
  left: '',
  right: '',
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
}
const none = { ...light, middle: '' }
