import { stripVTControlCharacters } from 'node:util'

/** How many columns a text takes, without its colours. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

/**
 * Breaks a line between words so that it fits. A word that is wider, such as a path, is left whole, so that it can be copied.
 * @param hang columns that continued lines begin with
 */
export function wrapWords(text: string, width: number, hang = 0): string[] {
  if (widthOf(text) <= width) return [text]
  const lines: string[] = []
  const lead = /^\s*/.exec(text)?.[0] ?? ''
  let line = ''
  // Spaces inside a line stay as they are: they may align it with others.
  for (const piece of text.slice(lead.length).match(/\S+\s*/g) ?? []) {
    const start = lines.length === 0 ? lead.length : hang
    if (line !== '' && start + widthOf(line + piece.trimEnd()) > width) {
      lines.push(line)
      line = ''
    }
    line += piece
  }
  lines.push(line)
  return lines.map((each, index) => `${index === 0 ? lead : ' '.repeat(hang)}${each}`.trimEnd())
}

/** Columns that the beginning of a line is set off by, for what continues it. */
export function hangOf(text: string): number {
  return (/^\s*/.exec(stripVTControlCharacters(text))?.[0].length ?? 0) + 2
}
