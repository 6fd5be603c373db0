/** How to start a file beside the caller as a worker thread or a child process. */
export interface SiblingProgram {
  readonly url: URL
  readonly execArgv: string[]
}

/**
 * A program of ours by its name without ending, such as `./fit-worker`, beside the module whose `import.meta.url` is given.
 * Compiled it is JavaScript; run from source it is TypeScript, which Node 20 needs jiti for.
 */
export function siblingProgram(moduleUrl: string, name: string): SiblingProgram {
  if (!moduleUrl.endsWith('.ts')) return { url: new URL(`${name}.js`, moduleUrl), execArgv: [] }
  return { url: new URL(`${name}.ts`, moduleUrl), execArgv: ['--import', import.meta.resolve('jiti/register')] }
}
