import type { Cell } from './page.ts'
import type { Surface } from './surface.ts'

/** Rows in columns: light borders on a terminal; elsewhere padded columns that `awk` and `grep` can read. */
export async function renderTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  surface: Surface,
  cellText: (cell: Cell) => string,
): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const colAligns = head.map((_, column) => (isNumeric(rows, column) ? ('right' as const) : ('left' as const)))
  const table = new Table({
    head: head.map((name) => cellText({ text: name, tone: 'strong' })),
    colAligns,
    // cli-table3 would colour the head and borders on its own.
    style: { head: [], border: [], 'padding-left': surface.fancy ? 1 : 0, 'padding-right': surface.fancy ? 1 : 2 },
    ...(surface.fancy ? { chars: light } : { chars: none }),
  })
  for (const row of rows) table.push(row.map((cell) => oneLine(cellText(cell))))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
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
