import { once } from 'node:events'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, type Config, Flags, type Interfaces } from '@oclif/core'
import { type ExitCode, exitCode, FtiError, type Reporter } from '../base/index.ts'
import type { LoadOptions, Project } from '../project/index.ts'
import { AbortedError } from './fate/aborted-error.ts'
import { cliErrors } from './fate/errors.ts'
import { Page } from './pages/page.ts'
import { renderPage } from './pages/render-page.ts'
import { openReporter } from './terminal/reporter.ts'
import { type Interrupts, watchInterrupts } from './terminal/signals.ts'
import { surfaceOf } from './terminal/surface.ts'
import { type Talk, talkOf } from './terminal/talk.ts'

const helpGroup = 'GLOBAL'

/**
 * What every command shares. A command is a translation of four sentences, in at most 30 lines:
 *
 *     async run(): Promise<void> {
 *       const { args, flags } = await this.parse(Train)                                    // parse
 *       const project = await this.openProject()                                           // open
 *       const { train } = await import('../training/index.ts')
 *       const trained = await train(project, args.model, { reporter: this.reporter, signal: this.signal }) // one call
 *       await this.present(trained, (page) => page.facts([['Version', trained.version]]))  // present
 *     }
 *
 * It imports rooms inside `run`, so that `fti --help` loads none; it prints nothing but through `present` and
 * `reporter`, catches nothing, and leaves by returning.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({ helpGroup, description: 'Print one JSON document on standard output' }),
    'log-format': Flags.option({ options: ['text', 'json'] as const })({
      helpGroup,
      default: 'text',
      description: 'How progress and errors are written on standard error; json is one object a line',
    }),
    quiet: Flags.boolean({
      char: 'q',
      helpGroup,
      description: 'No progress and no report of what was done; answers, warnings and errors stay',
    }),
    chdir: Flags.string({ char: 'C', helpGroup, helpValue: 'DIR', description: 'Run as if started in DIR' }),
    env: Flags.string({
      helpGroup,
      helpValue: 'NAME',
      description: 'Overlay fti.config.NAME.yaml on the project file',
    }),
  }

  /** True for a command that is asked to do something: what it prints is a report, which `--quiet` leaves out when all went well. */
  static isAction = false

  /** Progress of the rooms, on standard error. */
  protected readonly reporter: Reporter
  /** Where the command works: the current folder, or what `--chdir` names. */
  protected directory = process.cwd()
  /** The name given by `--env`. */
  protected environment: string | undefined

  readonly #talk: Talk
  readonly #interrupts: Interrupts
  #exit: ExitCode = exitCode.done

  constructor(argv: string[], config: Config) {
    super(argv, config)
    this.#talk = talkOf(argv)
    this.reporter = openReporter(this.#talk)
    this.#interrupts = watchInterrupts((text) => this.reporter.info(text))
  }

  /** Aborted by the first Ctrl-C or SIGTERM. */
  protected get signal(): AbortSignal {
    return this.#interrupts.signal
  }

  /** oclif's parser; arguments are never read from standard input, which may belong to someone else's loop. */
  protected override async parse<
    F extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    B extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    A extends Interfaces.OutputArgs<Interfaces.ArgInput>,
  >(options: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    const args = Object.fromEntries(
      Object.entries(options.args ?? {}).map(([name, arg]) => [name, { ...(arg as object), ignoreStdin: true }]),
    )
    // The class of a command inherits its base flags, which a spread alone would leave out.
    const input = { ...options, baseFlags: options.baseFlags, args } as Interfaces.Input<F, B, A>
    const output = await super.parse<F, B, A>(input, argv)
    const { chdir, env } = output.flags as { chdir?: string; env?: string }
    if (chdir !== undefined) this.directory = existingDirectory(chdir)
    this.environment = env
    return output
  }

  /** The project in, or above, the folder in which the command works. */
  protected async openProject(options: Pick<LoadOptions, 'published' | 'checkFiles'> = {}): Promise<Project> {
    const { loadProject } = await import('../project/index.ts')
    const { publishedContracts } = await import('../store/index.ts')
    // A view may name a group of another repository: its contract is published in the store.
    const published = options.published ?? publishedContracts
    return await loadProject({ ...options, published, directory: this.directory, environment: this.environment })
  }

  /** What was typed, such as `fti feature run aircraft`: for locks and commits, which name who holds or made them. */
  protected get commandLine(): string {
    return `fti ${[this.id?.replaceAll(':', ' '), ...this.argv].join(' ')}`
  }

  /** A path that the user typed, seen from the folder in which the command works. */
  protected path(typed: string): string {
    return resolve(this.directory, typed)
  }

  /**
   * The command's result: one JSON document with `--json`, else the page that `render` fills.
   * `exit` says how the process ends when the result itself is bad news, such as a gate that said no.
   */
  protected async present(
    data: unknown,
    render: (page: Page) => unknown,
    exit: ExitCode = exitCode.done,
  ): Promise<void> {
    this.#exit = exit
    if (this.#talk.json) {
      const schema = `fti.${this.id?.replaceAll(':', '.')}/1`
      process.stdout.write(`${JSON.stringify({ schema, data }, null, 2)}\n`)
      return
    }
    const { isAction } = this.constructor as typeof BaseCommand
    if (this.#talk.quiet && isAction && exit === exitCode.done) return
    const page = new Page()
    render(page)
    process.stdout.write(await renderPage(page.blocks, surfaceOf(process.stdout)))
  }

  /** One of many results that come over time: with `--json` a line of its own, else nothing, for progress tells it. */
  protected async presentLine(name: string, data: unknown): Promise<void> {
    if (!this.#talk.json) return
    const schema = `fti.${this.id?.replaceAll(':', '.')}.${name}/1`
    await this.write(Buffer.from(`${JSON.stringify({ schema, data })}\n`))
  }

  /** The last of them: a line too, or the page that `render` fills. */
  protected async presentLast(
    name: string,
    data: unknown,
    render: (page: Page) => unknown,
    exit: ExitCode,
  ): Promise<void> {
    if (!this.#talk.json) return this.present(data, render, exit)
    this.#exit = exit
    await this.presentLine(name, data)
  }

  /** Bytes that are the result themselves, in place of a page; waits while the reader is behind. */
  protected async write(bytes: Uint8Array): Promise<void> {
    if (!process.stdout.write(bytes) && !process.stdout.destroyed)
      await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')])
  }

  /** Resolves to the exit code; errors go on to whoever started the command, which decides their fate. */
  protected override async _run<T>(): Promise<T> {
    try {
      await super._run()
      return this.#exit as T
    } catch (error) {
      throw this.signal.aborted ? new AbortedError(error) : error
    } finally {
      this.#interrupts.release()
    }
  }

  protected override async catch(error: Error): Promise<void> {
    throw error
  }
}

function existingDirectory(typed: string): string {
  const directory = resolve(typed)
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return directory
  throw new FtiError(cliErrors.FTI_DIRECTORY_UNKNOWN, {
    message: `--chdir names no folder: ${directory}`,
    place: directory,
    remedy: 'give a folder that exists, or leave --chdir out',
  })
}
