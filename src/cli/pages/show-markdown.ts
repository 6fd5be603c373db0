import { type Page, toned } from './page.ts'

/** A card for people at a terminal: headings, tables, lists and paragraphs as blocks of a page, without their marks. */
export function showMarkdown(page: Page, markdown: string): void {
  for (const block of markdown.trim().split(/\n{2,}/)) {
    if (page.blocks.length > 0) page.blank()
    const lines = block.split('\n')
    if (lines[0]?.startsWith('|')) showTable(page, lines)
    else for (const line of lines) showLine(page, line)
  }
}

function showLine(page: Page, line: string): void {
  const heading = /^#+ (.*)$/.exec(line)?.[1]
  if (heading === undefined) page.hanging(/^[-*] /.test(line) ? 2 : 0, plain(line))
  else page.line(toned('strong', plain(heading)))
}

/** The second line is the rule. A table without names of columns is a list of facts. */
function showTable(page: Page, [head = '', _rule, ...rows]: readonly string[]): void {
  const names = cellsOf(head)
  const cells = rows.map(cellsOf)
  if (names.every((name) => name === '')) page.facts(cells.map(([name = '', ...values]) => [name, values.join('  ')]))
  else page.table(names, cells)
}

function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '')
  return inner.split(/(?<!\\)\|/).map((cell) => plain(cell.trim().replaceAll('\\|', '|')))
}

/** Words without the marks of emphasis, code and links. */
function plain(text: string): string {
  return text
    .replace(/`([^`]*)`/g, '$1')
    .replace(/\*\*([^*]*)\*\*/g, '$1')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
}
