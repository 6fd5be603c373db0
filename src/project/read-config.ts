import { open } from 'node:fs/promises'
import type { Document, Node, YAMLError } from 'yaml'
import { FtiError, isSystemError } from '../base/index.ts'
import type { ConfigEntry, ConfigNode } from './config-node.ts'
import { projectErrors } from './errors.ts'
import { type Problem, projectError } from './problem.ts'
import { type ProjectText, placeOf, type Spot, shownPath } from './project-text.ts'

const maxBytes = 1 << 20
const maxDepth = 64
/** Values after aliases are expanded. A real project has some thousands; a bomb has billions. */
const maxValues = 100_000

/** Reads one YAML file as a tree with places. Broken YAML throws at once; duplicate and unsafe keys are added to `problems`. */
export async function readConfig(file: string, problems: Problem[]): Promise<ConfigNode> {
  const source: ProjectText = { file, text: await readText(file) }
  const yaml = await import('yaml')
  let document: Document.Parsed
  try {
    // Duplicate keys are found below, where the first one's place is known too.
    document = yaml.parseDocument(source.text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' })
  } catch (error) {
    // The parser recurses; a file of brackets exhausts the stack.
    throw syntaxError({ source, offset: 0 }, 'cannot be parsed: it is nested too deeply', 'flatten the file', error)
  }
  const broken = [...document.errors, ...document.warnings]
  if (broken.length > 0) throw projectError(broken.map((error) => yamlProblem(error, source)))
  if (document.contents === null) return { kind: 'map', entries: new Map(), spot: { source, offset: 0 } }
  return new TreeReader(yaml, document, source, problems).read(document.contents, 0)
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

function syntaxError(spot: Spot, what: string, remedy: string, cause?: unknown): FtiError {
  return projectError(
    [{ code: 'FTI_PROJECT_SYNTAX', message: `${shownPath(spot.source.file)} ${what}`, remedy, spot }],
    cause,
  )
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
  const quoting = line.includes('${env:') ? `put the value in quotes: "\${env:NAME}"` : undefined
  return {
    code: 'FTI_PROJECT_SYNTAX',
    message: `not valid YAML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`,
    remedy: quoting ?? remedies[error.code] ?? 'correct the YAML at this place',
    spot: { source, offset },
  }
}

type Yaml = typeof import('yaml')

/** Turns YAML nodes into config nodes, counting as it expands aliases. */
class TreeReader {
  readonly #yaml: Yaml
  readonly #document: Document.Parsed
  readonly #source: ProjectText
  readonly #problems: Problem[]
  #values = 0

  constructor(yaml: Yaml, document: Document.Parsed, source: ProjectText, problems: Problem[]) {
    this.#yaml = yaml
    this.#document = document
    this.#source = source
    this.#problems = problems
  }

  read(node: Node, depth: number): ConfigNode {
    const spot = this.#spot(node)
    this.#values++
    if (this.#values > maxValues) {
      throw syntaxError(
        spot,
        `expands to more than ${maxValues} values`,
        'remove the aliases (*name) that repeat one another',
      )
    }
    if (depth > maxDepth)
      throw syntaxError(
        spot,
        `is nested more than ${maxDepth} deep`,
        'flatten the file; an alias may not contain itself',
      )
    if (this.#yaml.isAlias(node)) {
      const target = node.resolve(this.#document)
      if (!target)
        throw syntaxError(
          spot,
          `has an alias without an anchor: *${node.source}`,
          `write &${node.source} at the value it repeats`,
        )
      return this.read(target, depth + 1)
    }
    if (this.#yaml.isMap(node)) return { kind: 'map', entries: this.#entries(node.items, depth), spot }
    if (this.#yaml.isSeq(node)) {
      return { kind: 'list', items: node.items.map((item) => this.read(item as Node, depth + 1)), spot }
    }
    const { value, type } = node as import('yaml').Scalar
    const written = this.#source.text.slice(spot.offset, node.range?.[1] ?? spot.offset)
    const isPlain = type === 'PLAIN'
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return { kind: 'scalar', value, written, isPlain, spot }
    }
    return { kind: 'scalar', value: written, written, isPlain, spot }
  }

  #entries(pairs: readonly { key: unknown; value: unknown }[], depth: number): Map<string, ConfigEntry> {
    const entries = new Map<string, ConfigEntry>()
    for (const pair of pairs) {
      const keyNode = pair.key as Node
      const keySpot = this.#spot(keyNode)
      if (!this.#yaml.isScalar(keyNode) || keyNode.value === null) {
        this.#problem('FTI_PROJECT_TYPE', keySpot, 'a key must be plain text', 'write name: value')
        continue
      }
      const key = typeof keyNode.value === 'string' ? keyNode.value : (keyNode.source ?? String(keyNode.value))
      const first = entries.get(key)
      if (first) {
        const at = placeOf(first.keySpot).replace(/^.*:(\d+):\d+$/, 'line $1')
        this.#problem('FTI_PROJECT_SYNTAX', keySpot, `duplicate key '${key}', already on ${at}`, 'keep one of the two')
        continue
      }
      if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
        this.#problem('FTI_PROJECT_NAME', keySpot, `'${key}' may not be a key`, 'choose another name')
        continue
      }
      const empty: ConfigNode = { kind: 'scalar', value: null, written: '', isPlain: true, spot: keySpot }
      entries.set(key, { keySpot, node: pair.value === null ? empty : this.read(pair.value as Node, depth + 1) })
    }
    return entries
  }

  #problem(code: Problem['code'], spot: Spot, message: string, remedy: string): void {
    this.#problems.push({ code, message, remedy, spot })
  }

  #spot(node: Node | null): Spot {
    return { source: this.#source, offset: node?.range?.[0] ?? 0 }
  }
}
