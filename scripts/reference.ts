// The reference pages as Markdown, made from what the program itself knows. Pure: values in, text out.
import type { ErrorCatalogue } from '../src/base/index.ts'

/** What of an oclif command the page shows; the manifest and a loaded configuration both have it. */
export interface CommandFacts {
  readonly id: string
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly hidden?: boolean | undefined
  readonly args: Readonly<Record<string, ArgFacts>>
  readonly flags: Readonly<Record<string, FlagFacts>>
  readonly examples?: readonly Example[] | undefined
}

type Example = string | { readonly command: string; readonly description?: string }

interface ArgFacts {
  readonly name: string
  readonly required?: boolean | undefined
  readonly multiple?: boolean | undefined
  readonly description?: string | undefined
}

interface FlagFacts {
  readonly name: string
  readonly type: string
  readonly char?: string | undefined
  readonly helpGroup?: string | undefined
  readonly helpValue?: string | readonly string[] | undefined
  readonly options?: readonly string[] | undefined
  readonly default?: unknown
  readonly summary?: string | undefined
  readonly description?: string | undefined
}

const made = '<!-- Made by `npm run docs`. Do not edit. -->'

export function errorsPage(rooms: Readonly<Record<string, ErrorCatalogue>>): string {
  const rows = Object.entries(rooms)
    .flatMap(([room, catalogue]) => Object.values(catalogue).map((entry) => ({ room, ...entry })))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, exit, room, means }) => `| \`${code}\` | ${exit} | ${room} | ${cell(means)} |`)
  return `${[
    '# Errors',
    '',
    made,
    '',
    'Every error has a code, says what happened and where, and names the command or change that helps. With `--json`',
    'it is one document, `{ "schema": "fti.error/1", "error": { "code", "message", "place", "remedy", "detail", "data" } }`.',
    '',
    '| exit code | means |',
    '|---|---|',
    ...exitCodes.map(([code, means]) => `| ${code} | ${means} |`),
    '',
    '| code | exit | thrown by | means |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')}\n`
}

const exitCodes = [
  [0, 'done, also when there was nothing to do'],
  [1, 'the run failed, a gate said no, or fti has a bug'],
  [2, 'wrong usage, or an error in the project file'],
  [3, 'changes are pending, or an approval is needed'],
  [4, 'locked by another process, or a conflict with one'],
  [5, 'something that fti wrote is damaged'],
  [6, 'a source or an engine cannot be reached'],
  [7, 'disk, memory or permission'],
  [130, 'interrupted'],
]

export function commandsPage(commands: readonly CommandFacts[]): string {
  const shown = commands.filter(({ hidden, id }) => !hidden && id !== 'help' && !id.startsWith('autocomplete'))
  const sections = shown.sort((a, b) => (a.id < b.id ? -1 : 1)).map(commandSection)
  const shared = ['## Flags of every command', '', ...flagRows(shown[0]?.flags ?? {}, true)]
  return `${['# Commands', '', made, '', ...shared, '', sections.join('\n\n')].join('\n')}\n`
}

function commandSection({ id, summary, description, args, flags, examples = [] }: CommandFacts): string {
  const name = id.replaceAll(':', ' ')
  const words = Object.values(args).map((arg) => {
    const word = arg.name.toUpperCase() + (arg.multiple ? '...' : '')
    return arg.required ? word : `[${word}]`
  })
  const argRows = Object.values(args).map((arg) => `| \`${arg.name.toUpperCase()}\` | ${cell(arg.description ?? '')} |`)
  return [
    `## fti ${[name, ...words].join(' ')}`,
    '',
    summary ?? '',
    ...(description ? ['', description] : []),
    ...(argRows.length > 0 ? ['', '| argument | means |', '|---|---|', ...argRows] : []),
    ...(ownFlags(flags, false).length > 0 ? ['', ...flagRows(flags, false)] : []),
    '',
    '```sh',
    ...examples.map(exampleText),
    '```',
  ].join('\n')
}

function ownFlags(flags: CommandFacts['flags'], shared: boolean): FlagFacts[] {
  return Object.values(flags).filter(({ helpGroup }) => (helpGroup === 'GLOBAL') === shared)
}

function flagRows(flags: CommandFacts['flags'], shared: boolean): string[] {
  const rows = ownFlags(flags, shared).map((flag) => {
    const value =
      flag.type === 'option' ? ` ${flag.options?.join('|') ?? flag.helpValue ?? flag.name.toUpperCase()}` : ''
    const names = `${flag.char ? `-${flag.char}, ` : ''}--${flag.name}${value}`
    const plain = typeof flag.default === 'string' || typeof flag.default === 'number'
    return `| \`${names.replaceAll('|', '\\|')}\` | ${cell(flag.description ?? flag.summary ?? '')} | ${plain ? `\`${flag.default}\`` : ''} |`
  })
  return ['| flag | means | default |', '|---|---|---|', ...rows]
}

function exampleText(example: Example): string {
  const { command, description = '' } = typeof example === 'string' ? { command: example } : example
  const line = command.replaceAll('<%= config.bin %>', 'fti')
  return description ? `${line}   # ${description}` : line
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
