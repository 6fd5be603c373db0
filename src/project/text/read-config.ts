import { open } from 'node:fs/promises'
import type { Document, YAMLError } from 'yaml'
import { FtiError, isSystemError } from '../../base/index.ts'
import { projectErrors } from '../errors.ts'
import type { ConfigNode } from './config-node.ts'
import { type Problem, projectError, syntaxError } from './problem.ts'
import { type ProjectText, shownPath } from './project-text.ts'
import { TreeReader } from './yaml-tree.ts'

const maxBytes = 1 << 20

/** Reads one YAML file as a tree with places. Broken YAML throws at once; duplicate and unsafe keys are added to `problems`. */
export async function readConfig(file: string, problems: Problem[]): Promise<ConfigNode> {
  const source: ProjectText = { file, text: await readText(file) }
  const yaml = await import('yaml')
  let document: Document.Parsed
  try {
    // Duplicate keys are found below, where the first one's place is known too.
    document = yaml.parseDocument(source.text, { prettyErrors: false, uniqueKeys: false, logLevel: 'error' })
  } catch (error) {
    // The parser recurses; a file of brackets exhausts the stack.
    throw syntaxError({ source, offset: 0 }, 'cannot be parsed: it is nested too deeply', 'flatten the file', error)
  }
  // Later syntax errors are mostly echoes of the first.
  const broken = document.errors[0] ?? document.warnings[0]
  if (broken) throw projectError([yamlProblem(broken, source)])
  if (document.contents === null) return { kind: 'map', entries: new Map(), spot: { source, offset: 0 } }
  return new TreeReader(yaml, source, problems).read(document.contents, {
    depth: 0,
    isInFlow: false,
    isExpanding: false,
  })
}

async function readText(file: string): Promise<string> {
  const name = shownPath(file)
  try {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      const empty: ProjectText = { file, text: '' }
      const start = { source: empty, offset: 0 }
      if (size > maxBytes)
        throw syntaxError(
          start,
          `is ${size} bytes; a project file has at most ${maxBytes}`,
          'move data out of the project file',
        )
      const bytes = await handle.readFile()
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof FtiError) throw error
    if (error instanceof TypeError) {
      throw syntaxError({ source: { file, text: '' }, offset: 0 }, 'is not UTF-8 text', 'save it as UTF-8', error)
    }
    if (!isSystemError(error)) throw error
    throw new FtiError(projectErrors.FTI_PROJECT_NOT_FOUND, {
      message: `cannot read ${name}: ${error.message}`,
      place: name,
      remedy: 'name an existing project file with --project, or run fti init in an empty folder',
      cause: error,
    })
  }
}

function yamlProblem(error: YAMLError, source: ProjectText): Problem {
  const offset = Math.min(error.pos[0], source.text.length)
  const line = source.text.slice(source.text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0] ?? ''
  const remedies: Partial<Record<string, string>> = {
    TAB_AS_INDENT: 'indent with spaces',
    TAG_RESOLVE_FAILED: 'remove the tag; a project file holds plain text, numbers, lists and mappings',
    MULTIPLE_DOCS: "remove the line '---' and keep one document",
    MISSING_CHAR: 'close the quote or bracket that is open here',
    BAD_INDENT: 'indent this line like its neighbours',
    BLOCK_AS_IMPLICIT_KEY: "look for a missing quote or a second ':' on the line; text with ': ' in it needs quotes",
  }
  if (/call stack/.test(error.message)) {
    const message = 'not valid YAML: nested too deeply to be read'
    return { code: 'FTI_PROJECT_SYNTAX', message, remedy: 'flatten the file', spot: { source, offset } }
  }
  const quoting = line.includes('${env:') ? `put the value in quotes: "\${env:NAME}"` : undefined
  return {
    code: 'FTI_PROJECT_SYNTAX',
    message: `not valid YAML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1).replace(/; please use.*$/, '')}`,
    remedy: quoting ?? remedies[error.code] ?? 'correct the YAML at this place',
    spot: { source, offset },
  }
}
