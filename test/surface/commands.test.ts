import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Interfaces, Parser } from '@oclif/core'
import { expect, test } from 'vitest'
import { commandsPage } from '../../scripts/reference.ts'
import { BaseCommand } from '../../src/cli/index.ts'
import { allCommands, loadConfig, runCommand } from '../cli/run-command.ts'

const commands = Object.entries(await allCommands()).sort(([a], [b]) => (a < b ? -1 : 1))
const config = await loadConfig()

test('commands, arguments and flags are those of the snapshot; a deliberate change needs `npx vitest run test/surface -u`', async () => {
  const lines = config.commands
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap(({ id, args, flags }) => [
      [
        id.replaceAll(':', ' '),
        ...Object.values(args).map(({ name, required }) => (required ? name : `[${name}]`)),
      ].join(' '),
      ...Object.values(flags)
        .filter(({ helpGroup }) => helpGroup !== 'GLOBAL')
        .map((flag) => `  --${flag.name}${flag.type === 'option' ? ` ${flag.options?.join('|') ?? 'VALUE'}` : ''}`)
        .sort(),
    ])
  const shared = Object.keys(BaseCommand.baseFlags).map((name) => `  --${name}`)
  await expect(`every command\n${shared.sort().join('\n')}\n${lines.join('\n')}\n`).toMatchFileSnapshot('commands.txt')
})

test('the reference page is the one that the commands make; after a change run `npm run docs`', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/commands.md'), 'utf8')
  expect(page).toBe(commandsPage(config.commands))
})

test.each(commands)('%s has a summary, an example that begins with fti, and the shared flags', (id, command) => {
  expect(command.summary).toMatch(/^[A-Z].*[^.]$/)
  const examples = (command.examples ?? []).map((example) => (typeof example === 'string' ? example : example.command))
  expect(examples.length).toBeGreaterThan(0)
  for (const example of examples)
    expect(example).toMatch(new RegExp(`^<%= config.bin %> ${id.replaceAll(':', ' ')}\\b`))
  expect(command.prototype).toBeInstanceOf(BaseCommand)
})

test.each(commands)('the examples of %s are command lines that it takes', async (id, command) => {
  for (const example of command.examples ?? []) {
    const line = typeof example === 'string' ? example : example.command
    const words = wordsOf(line).slice(1 + id.split(':').length)
    const flags = { ...command.baseFlags, ...command.flags } as Interfaces.FlagInput
    const { argv } = await Parser.parse(words, { args: command.args, flags, strict: command.strict !== false })
    expect(argv.filter((word) => String(word).startsWith('-'))).toEqual([])
  }
})

/** Words as a shell splits them, which is all the quoting that examples use. A comment, a pipe or a redirection ends them. */
function wordsOf(line: string): string[] {
  const bare = line.replace('<%= config.bin %>', 'fti').split(/ [|<>#] /)[0] ?? ''
  return [...bare.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, word]) => double ?? single ?? word ?? '',
  )
}

test.each(commands)('the usage of %s leaves no place among its flags empty', async (id) => {
  const { stdout, exit } = await runCommand([...id.split(':'), '--help'])
  const [, usage = ''] = stdout.split('USAGE')
  expect(exit).toBe(0)
  expect(usage.split('\n\n')[0]).not.toMatch(/\|\s*[|\]]|\[\s*\|/)
})

test.each(commands)('%s describes every flag and argument', (_id, command) => {
  const undescribed = Object.entries({ ...command.flags, ...command.args }).filter(
    ([, { description, summary }]: [string, { description?: string; summary?: string }]) => !description && !summary,
  )
  expect(undescribed.map(([name]) => name)).toEqual([])
})

test('every topic has a description and at least one command', () => {
  const topics = new Set(
    commands.flatMap(([id]) =>
      id
        .split(':')
        .slice(0, -1)
        .map((_, end, path) => path.slice(0, end + 1).join(':')),
    ),
  )
  const described = Object.entries<{ description: string }>(config.pjson.oclif.topics as never)
  expect(described.map(([name]) => name).sort()).toEqual([...topics].sort())
  for (const [, { description }] of described) expect(description).toMatch(/^[A-Z]/)
})
