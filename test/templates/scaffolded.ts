import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { scaffold } from '../../src/project/index.ts'

const root = join(import.meta.dirname, '../..')

export interface ScaffoldedFolder {
  readonly directory: string
  /** Runs the real program there; its document. */
  fti(...words: string[]): Promise<Record<string, unknown>>
  /** Starts `fti serve` on a free port and returns its address; it ends with the test. */
  serve(...words: string[]): Promise<string>
  /** Runs the project's own tests as `npm test` would: with fti on the path. */
  ownTests(...files: string[]): Promise<string>
}

/** A project made from a template in a temporary folder, as if fti were installed there. */
export async function scaffoldedFolder(template: string): Promise<ScaffoldedFolder> {
  const parent = mkdtempSync(join(tmpdir(), 'fti-template-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  const { directory } = await scaffold({ template, directory: join(parent, template) })
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  const programs = join(parent, 'bin')
  mkdirSync(programs)
  const shim = join(programs, 'fti')
  writeFileSync(
    shim,
    `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${JSON.stringify(join(root, 'bin/run.js'))} "$@"\n`,
  )
  chmodSync(shim, 0o755)
  const env = { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH']}` }
  const run = promisify(execFile)
  return {
    directory,
    fti: async (...words) => {
      const { stdout } = await run(shim, [...words, '--json'], { cwd: directory, env })
      return (JSON.parse(stdout) as { data: Record<string, unknown> }).data
    },
    serve: async (...words) => {
      const server = spawn(shim, ['serve', '--port', '0', '--json', ...words], {
        cwd: directory,
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      onTestFinished(async () => {
        if (server.kill('SIGTERM')) await once(server, 'exit')
      })
      let text = ''
      for await (const chunk of server.stdout) {
        text += chunk
        if (text.endsWith('}\n')) break
      }
      return (JSON.parse(text) as { data: { url: string } }).data.url
    },
    ownTests: async (...files) => {
      // Without NODE_TEST_CONTEXT or a loader of vitest's, as in a shell.
      const words = ['--import', 'jiti/register', '--test', '--test-reporter=tap', ...files]
      const { stdout } = await run(process.execPath, words, { cwd: directory, env: { ...env, NODE_OPTIONS: '' } })
      return stdout
    },
  }
}
