import type { ChalkInstance } from 'chalk'
import { plainText } from '../terminal/plain-text.ts'
import type { Surface } from '../terminal/surface.ts'
import { numberText } from './number-text.ts'
import type { Block, Cell, Text, Tone } from './page.ts'
import { bar, sparkline } from './plots.ts'
import { renderTable } from './render-table.ts'
import { hangOf, wrapWords } from './wrap-words.ts'

type Paint = (text: Text) => string

/** Blocks as text for this surface, ending with a line break. Every text from outside is made safe here. */
export async function renderPage(blocks: readonly Block[], surface: Surface): Promise<string> {
  const paint = await painter(surface)
  const lines: string[] = []
  for (const block of blocks) lines.push(await renderBlock(block, surface, paint))
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

/** A function that colours a text by its tone; without colours it only makes it safe. */
export async function painter(surface: Surface): Promise<Paint> {
  if (surface.colour === 0) return (text) => plainText(typeof text === 'string' ? text : text.text, 'lines')
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level: surface.colour })
  return (text) =>
    typeof text === 'string' ? plainText(text, 'lines') : colourOf(chalk, text.tone)(plainText(text.text, 'lines'))
}

function colourOf(chalk: ChalkInstance, tone: Tone): (text: string) => string {
  return { good: chalk.green, bad: chalk.red, warn: chalk.yellow, dim: chalk.dim, strong: chalk.bold }[tone]
}

async function renderBlock(block: Block, surface: Surface, paint: Paint): Promise<string> {
  switch (block.kind) {
    case 'line':
      return fitted(block.parts.map(paint).join(''), surface, block.hang)
    case 'verbatim':
      return paint(block.text)
    case 'table':
      return renderTable(block.head, block.rows, surface, (cell) => cellText(cell, surface, paint))
    case 'facts':
      return renderFacts(block.facts, surface, paint)
    case 'curve':
      return `${paint(block.label)}  ${sparkline(block.values)}`
    case 'bars': {
      const labels = Math.max(...block.bars.map(({ label }) => label.length))
      const largest = Math.max(...block.bars.map(({ value }) => value))
      const width = Math.max(10, Math.min(40, surface.columns - labels - 14))
      return block.bars
        .map(({ label, value }) => {
          const length = bar(value, largest, width).padEnd(width)
          return `${paint(label.padEnd(labels))}  ${length}  ${numberText(value, surface.fancy)}`
        })
        .join('\n')
    }
  }
}

/** A long line, broken between words where a person reads it; a pipe gets the line. */
export function fitted(text: string, surface: Surface, hang?: number): string {
  if (!surface.fancy) return text
  return text
    .split('\n')
    .flatMap((line) => wrapWords(line, surface.columns, hang ?? hangOf(line)))
    .join('\n')
}

function renderFacts(facts: readonly (readonly [string, Cell])[], surface: Surface, paint: Paint): string {
  const width = Math.max(...facts.map(([name]) => name.length))
  return facts
    .map(([name, value]) =>
      fitted(
        `${paint({ text: name.padEnd(width), tone: 'dim' })}  ${cellText(value, surface, paint)}`.trimEnd(),
        surface,
        width + 2,
      ),
    )
    .join('\n')
}

function cellText(cell: Cell, surface: Surface, paint: Paint): string {
  if (cell === null || cell === undefined) return paint({ text: '-', tone: 'dim' })
  if (typeof cell === 'number') return numberText(cell, surface.fancy)
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  return paint(surface.fancy && typeof cell === 'string' ? readableTime(cell) : cell)
}

/** A moment to the second, in two words; a pipe gets it as it is. */
function readableTime(text: string): string {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/.exec(text) ?? []
  return day === undefined ? text : `${day} ${time}Z`
}
