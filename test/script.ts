import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'

/** A TypeScript file as one JavaScript file, which node starts ten times faster than through a loader: for tests with many processes. */
export async function bundleScript(source: URL): Promise<string> {
  const path = fileURLToPath(source)
  const folder = await mkdtemp(join(tmpdir(), 'fti-script-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const outfile = join(folder, basename(path).replace(/\.ts$/, '.mjs'))
  await build({ entryPoints: [path], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' })
  return outfile
}

/** Runs a bundled script in a process of its own; its standard output. */
export async function runScript(script: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args])
  return stdout
}
