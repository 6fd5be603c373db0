import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { FtiError } from '../../src/base/index.ts'
import { type LoadOptions, loadProject, type Project } from '../../src/project/index.ts'

/** The reference project: every word of the project file that this version knows. */
export const reference = readFileSync(join(import.meta.dirname, 'reference.yaml'), 'utf8')

const folder = mkdtempSync(join(tmpdir(), 'fti-project-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let count = 0

/** Writes `text` as a project file into a folder of its own and returns its path. */
export function projectFile(text: string | Uint8Array, name = 'fti.config.yaml'): string {
  count++
  const file = join(mkdtempSync(join(folder, `${count}-`)), name)
  writeFileSync(file, text)
  return file
}

export function load(text: string, options: LoadOptions = {}): Promise<Project> {
  return loadProject({ file: projectFile(text), env: {}, ...options })
}

/** The reference with one piece replaced; the piece must be there. */
export function edited(piece: string | RegExp, replacement: string, text: string = reference): string {
  const result = text.replace(piece, () => replacement)
  if (result === text) throw new Error(`${piece} is not in the text`)
  return result
}

interface Failure {
  readonly code: string
  /** `line:column` */
  readonly place: string
  readonly message: string
  readonly remedy: string
  readonly detail: string
  readonly problems: readonly { code: string; line: number; column: number; message: string; excerpt: string }[]
}

/** The error that loading ends in, with its place relative to the file. */
export async function failure(work: Promise<unknown>): Promise<Failure> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    const problems = (error.data?.['problems'] ?? []) as Failure['problems']
    const place = error.place?.replace(/^.*?:(\d+:\d+)$/, '$1') ?? ''
    return {
      code: error.code,
      place,
      message: error.message,
      remedy: error.remedy,
      detail: error.detail ?? '',
      problems,
    }
  }
  throw new Error('it loaded')
}
