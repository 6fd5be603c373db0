import { isBuiltin } from 'node:module'
import { basename, dirname, join } from 'node:path'
import type { BuildFailure, Message, Plugin } from 'esbuild'
import { FtiError, sha256 } from '../base/index.ts'
import { projectErrors } from './errors.ts'
import { exists } from './find-project.ts'
import { shownPath } from './text/project-text.ts'

export interface ModuleBundle {
  /** One ES module with everything it imports. */
  readonly code: string
  /** SHA-256 of the code. */
  readonly digest: string
}

/**
 * Bundles a TypeScript or JavaScript module with its imports into one file, and executes nothing.
 * The code later runs in a server for every request, so it may not reach outside itself: builtins of Node, network
 * imports, native addons, `eval` and imports computed at run time are refused. The same files give the same bytes anywhere.
 * @param path absolute path of the module, whose default export is the function
 */
export async function bundleModule(path: string): Promise<ModuleBundle> {
  if (!(await exists(path)))
    throw invalid(path, `there is no file ${shownPath(path)}`, 'create it, or correct the path')
  const { build } = await import('esbuild')
  const result = await build({
    entryPoints: [`./${basename(path)}`],
    absWorkingDir: dirname(path),
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    // A tsconfig.json above the project would otherwise change the bytes.
    tsconfigRaw: '{}',
    logOverride: Object.fromEntries(forbidden.map((id) => [id, 'error' as const])),
    plugins: [pureImports],
  }).catch((error: unknown) => {
    throw isBuildFailure(error) ? refused(path, error.errors, error) : error
  })
  const exported = Object.values(result.metafile.outputs)[0]?.exports ?? []
  if (!exported.includes('default')) {
    throw invalid(path, `${shownPath(path)} has no default export`, 'write: export default function (row) { … }')
  }
  const code = result.outputFiles[0]?.text ?? ''
  return { code, digest: sha256(code) }
}

/** What esbuild only warns of, by its names for it. */
const forbidden = ['unsupported-dynamic-import', 'unsupported-require-call', 'indirect-require', 'direct-eval']

const pureImports: Plugin = {
  name: 'pure-imports',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined
      if (isBuiltin(path))
        return { errors: [{ text: `imports '${path}', which is a part of Node outside the module` }] }
      if (/^[a-z][a-z0-9+.-]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path)) {
        return { errors: [{ text: `imports '${path}', which is not a file` }] }
      }
      return undefined
    })
  },
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}

function refused(path: string, messages: readonly Message[], cause: Error): FtiError {
  const [first] = messages
  const describe = ({ text, location }: Message) => {
    if (!location) return text
    return `${placeOf(path, location)}: ${text}\n${location.line} | ${location.lineText}\n${' '.repeat(`${location.line} | `.length + location.column)}^`
  }
  return new FtiError(projectErrors.FTI_MODULE_INVALID, {
    message: `${shownPath(path)} cannot be bundled: ${first?.text ?? cause.message}`,
    place: first?.location ? placeOf(path, first.location) : shownPath(path),
    remedy: remedyOf(first),
    detail: messages.slice(0, 10).map(describe).join('\n\n'),
    cause,
  })
}

/** esbuild refuses for three kinds of reasons, and each has its own way out. */
function remedyOf(message: Message | undefined): string {
  if (message?.pluginName === pureImports.name || forbidden.includes(message?.id ?? ''))
    return 'an on-demand function computes from its arguments alone: remove what reaches outside the module'
  const name = /^Could not resolve "(.*)"/.exec(message?.text ?? '')?.[1]
  if (name?.startsWith('.')) return `correct the path '${name}', which is relative to the file that imports it`
  if (name !== undefined) return `install the package with: npm install ${name}   or correct the name`
  return 'correct the module at the marked place, then look again with: fti check'
}

function placeOf(path: string, { file, line, column }: { file: string; line: number; column: number }): string {
  return `${shownPath(join(dirname(path), file))}:${line}:${column + 1}`
}

function invalid(path: string, message: string, remedy: string): FtiError {
  return new FtiError(projectErrors.FTI_MODULE_INVALID, { message, place: shownPath(path), remedy })
}
