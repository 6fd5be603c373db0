import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, Config, type Interfaces } from '@oclif/core'
import { dispatch } from '../../src/cli/dispatch.ts'

declare global {
  interface ImportMeta {
    /** vite's: the modules that match, each by a function that loads it. */
    glob<Module>(pattern: string): Record<string, () => Promise<Module>>
  }
}

export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly exit: number
  /** The document on standard output. */
  json(): { schema: string; data?: unknown; error?: Record<string, unknown> }
}

export interface RunOptions {
  /** The folder in which the command works. */
  readonly cwd?: string
  /** Commands of a test's own beside those of `src/commands`. */
  readonly extra?: Readonly<Record<string, Command.Class>>
}

/**
 * Runs `fti ARGS` inside this process, from the sources: no build, no child, the same dispatch as the real program.
 * Not for two at a time in one test file, since it takes over the streams and the current folder.
 */
export async function runCommand(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const loadOptions = await loadOptionsFor(options.extra ?? {})
  const stdout = capture(process.stdout)
  const stderr = capture(process.stderr)
  const before = process.cwd()
  process.chdir(options.cwd ?? before)
  try {
    const exit = await dispatch([...args], loadOptions)
    const text = stdout.text()
    return { stdout: text, stderr: stderr.text(), exit, json: () => JSON.parse(text) }
  } finally {
    process.chdir(before)
    stdout.restore()
    stderr.restore()
  }
}

/** Every command of `src/commands` by its id, such as `feature:run`. */
export async function allCommands(): Promise<Record<string, Command.Class>> {
  const loaders = import.meta.glob<{ default: Command.Class }>('../../src/commands/**/*.ts')
  const entries = Object.entries(loaders).map(async ([path, load]) => {
    const id = path
      .replace('../../src/commands/', '')
      .replace(/(\/index)?\.ts$/, '')
      .replaceAll('/', ':')
    return [id, (await load()).default] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** The configuration as oclif would make it from the manifest, with commands from the sources. */
export async function loadConfig(extra: Readonly<Record<string, Command.Class>> = {}): Promise<Interfaces.Config> {
  return await Config.load(await loadOptionsFor(extra))
}

const root = resolve(import.meta.dirname, '../..')

async function loadOptionsFor(extra: Readonly<Record<string, Command.Class>>): Promise<Interfaces.Options> {
  const pjson = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'))
  const classes = Object.entries({ ...(await allCommands()), ...extra })
  const commands = await Promise.all(classes.map(([id, command]) => loadable(id, command)))
  const topics = Object.entries<{ description: string }>(pjson.oclif.topics).map(([name, topic]) => ({
    name,
    ...topic,
  }))
  const plugin = {
    name: pjson.name,
    root,
    pjson,
    type: 'core',
    valid: true,
    version: pjson.version,
    commands,
    topics,
    hooks: {},
    isRoot: true,
  }
  return { root, plugins: new Map([[pjson.name, plugin as unknown as Interfaces.Plugin]]) }
}

async function loadable(id: string, command: Command.Class): Promise<Command.Loadable> {
  const { aliases, args, examples, description, hidden, hiddenAliases, strict, summary, usage } = command
  const flags = { ...command.baseFlags, ...command.flags }
  const named = Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { ...flag, name }]))
  const namedArgs = Object.fromEntries(Object.entries(args).map(([name, arg]) => [name, { ...arg, name }]))
  const cached = {
    id,
    aliases,
    args: namedArgs,
    examples,
    description,
    flags: named,
    hidden,
    hiddenAliases,
    strict,
    summary,
    usage,
    pluginName: 'fti',
    hasDynamicHelp: false,
  }
  return { ...cached, load: async () => Object.assign(command, { id }) } as unknown as Command.Loadable
}

/** Collects what is written to a stream, in place of writing it. */
function capture(stream: NodeJS.WriteStream): { text(): string; restore(): void } {
  const original = stream.write
  const chunks: string[] = []
  stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
    chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
    const callback = typeof encoding === 'function' ? encoding : done
    if (typeof callback === 'function') callback()
    return true
  }) as typeof stream.write
  return { text: () => chunks.join(''), restore: () => Object.assign(stream, { write: original }) }
}
