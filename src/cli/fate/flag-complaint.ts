import { stripVTControlCharacters } from 'node:util'
import { nearest } from '../../base/index.ts'

/** The part of a flag's declaration that its errors speak of. */
export interface DeclaredFlag {
  readonly type?: string
  readonly required?: boolean
  readonly multiple?: boolean
  readonly helpValue?: string | readonly string[]
}

export type DeclaredFlags = Readonly<Record<string, DeclaredFlag>>

interface Complaint {
  readonly message: string
  readonly remedy?: string | undefined
}

/** oclif's sentences about flags in the words of fti: which flag, what it needs, what it got. */
export function flagComplaint(text: string, flags: DeclaredFlags): Complaint {
  const lines = stripVTControlCharacters(text)
    .replace(/\n+See more help with --help$/, '')
    .replace(/^The following errors? occurred:/, '')
    .replace(/^Parsing (--\S+)\s*\n\s*/, 'Parsing $1 ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const missing = lines.flatMap((line) => /^Missing required flag (.+)$/.exec(line)?.[1] ?? [])
  if (missing.length > 0) return missingFlags(missing, flags)
  const complaints = lines.map((line) => sentenceOf(line))
  return { message: complaints.map(({ message }) => message).join('; '), remedy: complaints[0]?.remedy }
}

function missingFlags(names: readonly string[], flags: DeclaredFlags): Complaint {
  const written = names.map((name) => `--${name} ${placeholderOf(name, flags)}`.trim())
  return {
    message: `${names.map((name) => `--${name}`).join(' and ')} ${names.length === 1 ? 'is' : 'are'} missing`,
    remedy: `add ${written.join(' ')}`,
  }
}

function placeholderOf(name: string, flags: DeclaredFlags): string {
  const flag = flags[name]
  return flag?.type === 'boolean' ? '' : [flag?.helpValue ?? name.toUpperCase()].flat().join(' ')
}

const sentences: readonly (readonly [RegExp, (found: readonly string[]) => Complaint])[] = [
  [
    /^Parsing (--\S+) Expected an? (.*?) but received: (.*)$/,
    ([, flag, kind, given]) => ({
      message: `${flag} takes a whole number${(kind ?? '').replace(/^integer/, '')}, not '${given}'`,
    }),
  ],
  [/^Parsing (--\S+) (.*)$/, ([, flag, what]) => ({ message: `${flag}: ${what}` })],
  [
    /^Expected (--[^=]+)=(.*) to be one of: (.*)$/,
    ([, flag, given = '', options = '']) => {
      const near = nearest(given, options.split(', '))
      return {
        message: `${flag} takes one of ${options}, not '${given}'`,
        remedy: near === undefined ? undefined : `did you mean ${flag} ${near}?`,
      }
    },
  ],
  [
    /^Flag (--\S+) expects one of these values: (.*)$/,
    ([, flag, options]) => ({ message: `${flag} needs a value: one of ${options}` }),
  ],
  [/^Flag (--\S+) expects a value$/, ([, flag]) => ({ message: `${flag} needs a value` })],
  [
    /^Flag (--\S+) can only be specified once$/,
    ([, flag]) => ({ message: `${flag} was given twice`, remedy: `give ${flag} once` }),
  ],
  [
    /^(--[^=\s]+)(?:=.*)? cannot also be provided when using (--\S+)$/,
    ([, flag, other]) => ({ message: `${flag} and ${other} exclude each other`, remedy: 'give one of the two' }),
  ],
  [
    /^All of the following must be provided when using (--\S+): (.*)$/,
    ([, flag, others]) => ({ message: `${flag} goes only together with ${others}`, remedy: `add ${others}` }),
  ],
]

function sentenceOf(line: string): Complaint {
  for (const [pattern, complaint] of sentences) {
    const found = pattern.exec(line)
    if (found) return complaint(found)
  }
  return { message: line }
}
