import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadProject, type Project } from '../../src/project/index.ts'

const bin = join(import.meta.dirname, '../../bin/run.js')

/** The flights template in a temporary folder, worked on by the real program, each command a process of its own. */
export interface FlightsProject {
  readonly directory: string
  /** Runs a command that must end with exit code 0; what its `--json` document holds. */
  fti<Data>(...words: string[]): Promise<Data>
  /** Runs a command; its exit code and its document. */
  attempt<Data>(...words: string[]): Promise<Attempt<Data>>
  /** Starts `fti serve` on a free port; it ends with the project. */
  serve(...words: string[]): Promise<{ readonly url: string; readonly model: string }>
  /** Writes an overlay of the project file, for `--env NAME`. */
  overlay(name: string, content: object): Promise<void>
  open(): Promise<Project>
  remove(): Promise<void>
}

export interface Attempt<Data> {
  readonly code: number
  readonly data?: Data
  readonly error?: { readonly code: string; readonly message: string }
}

export async function flightsProject(): Promise<FlightsProject> {
  const parent = await mkdtemp(join(tmpdir(), 'fti-long-'))
  const directory = join(parent, 'flights')
  const servers: ChildProcess[] = []
  const project: FlightsProject = {
    directory,
    attempt: (...words) => run(directory, words),
    fti: async <Data>(...words: string[]) => done<Data>(words, await run<Data>(directory, words)),
    serve: async (...words) => {
      const server = spawn(process.execPath, [bin, 'serve', '--port', '0', '--json', ...words], {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      servers.push(server)
      return firstDocument(server)
    },
    // JSON is YAML.
    overlay: (name, content) => writeFile(join(directory, `fti.config.${name}.yaml`), JSON.stringify(content)),
    open: () => loadProject({ directory }),
    remove: async () => {
      for (const server of servers) if (server.kill('SIGTERM')) await once(server, 'exit')
      await rm(parent, { recursive: true, force: true })
    },
  }
  const words = ['init', directory, '--template', 'flights']
  done(words, await run(parent, words))
  return project
}

/** A line of a proof's figures, where the runner shows it even when all is well. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function run<Data>(cwd: string, words: readonly string[]): Promise<Attempt<Data>> {
  const command = [bin, ...words, '--json']
  const { stdout, code } = await promisify(execFile)(process.execPath, command, { cwd, maxBuffer: 2 ** 26 }).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (failure: { stdout: string; code: number }) => failure,
  )
  return { code, ...(JSON.parse(stdout) as object) }
}

function done<Data>(words: readonly string[], { code, data, error }: Attempt<Data>): Data {
  if (code === 0 && data !== undefined) return data
  throw new Error(`fti ${words.join(' ')} ended with exit code ${code}: ${error?.code} ${error?.message}`)
}

/** What a server prints when it listens. */
async function firstDocument(server: ChildProcess): Promise<{ url: string; model: string }> {
  let text = ''
  for await (const chunk of server.stdout ?? []) {
    text += chunk
    if (text.endsWith('}\n')) return (JSON.parse(text) as { data: { url: string; model: string } }).data
  }
  throw new Error('the server ended before it listened')
}
