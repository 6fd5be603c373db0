/** How a word is meant; the surface decides whether that is a colour. */
export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong'

export type Text = string | { readonly text: string; readonly tone: Tone }

export type Cell = Text | number | boolean | null | undefined

export type Block =
  | {
      readonly kind: 'line'
      readonly parts: readonly Text[]
      /** Columns that its continuation begins with on a narrow terminal; two more than its own unless given. */
      readonly hang?: number
    }
  /** Lines that stay as they are: a file, a mark under a word. */
  | { readonly kind: 'verbatim'; readonly text: string }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Cell[])[] }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [string, Cell])[] }
  | { readonly kind: 'bars'; readonly bars: readonly Bar[] }
  | { readonly kind: 'curve'; readonly label: string; readonly values: readonly number[] }

export interface Bar {
  readonly label: string
  readonly value: number
}

/**
 * What a command shows to people, as data: a list of blocks that one renderer turns into text
 * for a terminal (borders, colours) or for a pipe (plain columns).
 */
export class Page {
  readonly blocks: Block[] = []

  /** A line of text; several parts are joined by nothing. A terminal that is narrower gets it between words. */
  line(...parts: Text[]): this {
    this.blocks.push({ kind: 'line', parts })
    return this
  }

  /** A line whose continuation on a narrow terminal begins with `hang` columns. */
  hanging(hang: number, ...parts: Text[]): this {
    this.blocks.push({ kind: 'line', parts, hang })
    return this
  }

  /** Text whose line breaks and spaces matter: no terminal breaks it elsewhere. */
  verbatim(text: string): this {
    this.blocks.push({ kind: 'verbatim', text })
    return this
  }

  heading(text: string): this {
    return this.line(toned('strong', text))
  }

  /** Rows under column names; numbers are aligned to the right. */
  table(head: readonly string[], rows: readonly (readonly Cell[])[]): this {
    this.blocks.push({ kind: 'table', head, rows })
    return this
  }

  /** Names and values, one a line. */
  facts(facts: readonly (readonly [string, Cell])[]): this {
    this.blocks.push({ kind: 'facts', facts })
    return this
  }

  /** Horizontal bars from zero to the largest value. */
  bars(bars: readonly Bar[]): this {
    this.blocks.push({ kind: 'bars', bars })
    return this
  }

  /** A small curve in one line, such as the loss per epoch. */
  curve(label: string, values: readonly number[]): this {
    this.blocks.push({ kind: 'curve', label, values })
    return this
  }

  /** Files as they are, one after the other, or only their paths once they have been written. */
  files(files: readonly { readonly path: string; readonly text: string }[], written: readonly string[]): this {
    if (written.length > 0) for (const path of written) this.line('wrote ', path)
    else
      for (const { path, text } of files)
        this.verbatim(`${files.length > 1 ? `# ${path}\n` : ''}${text.trimEnd()}${files.length > 1 ? '\n' : ''}`)
    return this
  }

  blank(): this {
    return this.line('')
  }
}

export function toned(tone: Tone, text: string): Text {
  return { text, tone }
}
