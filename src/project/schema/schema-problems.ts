import type { core } from 'zod'
import { didYouMean, nearest } from '../../base/index.ts'
import { type ConfigNode, findNode, spotOf, toValue } from '../text/config-node.ts'
import { type ConfigPath, showPath } from '../text/config-path.ts'
import { isUnresolved } from '../text/environment-value.ts'
import type { Problem } from '../text/problem.ts'
import { isSecretKey } from '../text/secret.ts'
import { laterKey, laterValue } from './later-words.ts'

type Issue = core.$ZodIssue

/** What zod found, as problems with places. The messages of the schemas are rules (see word-schema.ts). */
export function schemaProblems(root: ConfigNode, issues: readonly Issue[]): Problem[] {
  const flat = issues.flatMap((issue) => flatten(root, issue))
  const unknown = new Set(flat.flatMap((issue) => guessedKeys(issue)))
  // Where `entitty` stands for `entity`, "missing entity" would say the same mistake twice.
  return flat
    .flatMap((issue) => problemsOf(root, issue))
    .filter(({ skipFor }) => !skipFor || !unknown.has(skipFor))
    .map(({ problem }) => problem)
}

interface Found {
  readonly problem: Problem
  /** Path of a missing key, which a misspelt neighbour explains. */
  readonly skipFor?: string
}

/** The issue itself; for a union, the issues of the branch that the value was meant for. */
function flatten(root: ConfigNode, issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const { node, isWhole } = findNode(root, steps(issue))
  if (!isWhole || node.kind === 'scalar') return [issue]
  const branch = issue.errors.find((inner) => !inner.some((i) => i.path.length === 0 && i.code !== 'unrecognized_keys'))
  return branch ? branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) : [issue]
}

function guessedKeys(issue: Issue): string[] {
  if (issue.code !== 'unrecognized_keys') return []
  const known = issue.message.split(' ')
  return issue.keys.flatMap((key) => {
    const guess = nearest(key, known)
    return guess === undefined ? [] : [showPath([...steps(issue), guess])]
  })
}

function problemsOf(root: ConfigNode, issue: Issue): Found[] {
  const path = steps(issue)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ problem: unknownKey(root, path, key, issue.message) }))
  if (issue.code === 'invalid_key') return [{ problem: wrongName(root, path, issue.issues[0]?.message ?? 'a name') }]
  const { node, isWhole } = findNode(root, path)
  if (!isWhole) return [{ problem: missingKey(root, path, issue.message), skipFor: showPath(path) }]
  return isUnresolved(node) ? [] : [{ problem: wrongValue(root, path, node, issue) }]
}

function unknownKey(root: ConfigNode, parent: ConfigPath, key: string, known: string): Problem {
  const path = [...parent, key]
  const spot = spotOf(root, path, 'key')
  const where = parent.length === 0 ? 'at the top level' : `in ${showPath(parent)}`
  const later = laterKey(parent, key)
  if (later !== undefined) {
    return {
      code: 'FTI_PROJECT_UNSUPPORTED',
      message: `${showPath(path)} is not supported yet in this version`,
      remedy: later,
      spot,
    }
  }
  if (isSecretKey(key)) {
    const remedy = 'remove it, put the secret into an environment variable, and change it, for it was in a file'
    return {
      code: 'FTI_PROJECT_SECRET',
      message: `unknown key '${key}' ${where} holds a secret in plain text`,
      remedy,
      spot,
    }
  }
  return {
    code: 'FTI_PROJECT_KEY_UNKNOWN',
    message: `unknown key '${key}' ${where}`,
    remedy: didYouMean(key, known.split(' ')),
    spot,
  }
}

function missingKey(root: ConfigNode, path: ConfigPath, rule: string): Problem {
  const key = path.at(-1)
  const parent = path.slice(0, -1)
  const owner = parent.length === 0 ? 'the project file' : showPath(parent)
  return {
    code: 'FTI_PROJECT_KEY_MISSING',
    message: typeof key === 'number' ? `${owner} has too few entries` : `${owner} has no '${key}'`,
    remedy: typeof key === 'number' ? 'write every entry' : `add '${key}' here: ${rule}`,
    spot: spotOf(root, parent, 'key'),
  }
}

function wrongName(root: ConfigNode, path: ConfigPath, rule: string): Problem {
  const key = String(path.at(-1))
  return {
    code: 'FTI_PROJECT_NAME',
    message: `'${key}' in ${showPath(path.slice(0, -1))} must be ${rule}`,
    remedy: 'rename it here and wherever it is used',
    spot: spotOf(root, path, 'key'),
  }
}

function wrongValue(root: ConfigNode, path: ConfigPath, node: ConfigNode, issue: Issue): Problem {
  const spot = spotOf(root, path)
  const value = node.kind === 'map' ? 'mapping' : toValue(node)
  const later = laterValue(path, value)
  if (later !== undefined) {
    const message = `${showPath(path)}: ${node.kind === 'map' ? 'a mapping' : shown(node)} is not supported yet in this version`
    return { code: 'FTI_PROJECT_UNSUPPORTED', message, remedy: later, spot }
  }
  const isWord = issue.code === 'invalid_union' && typeof value === 'string'
  const isType = issue.code === 'invalid_type' || (issue.code === 'invalid_union' && !isWord) || node.kind !== 'scalar'
  return {
    code: isType ? 'FTI_PROJECT_TYPE' : 'FTI_PROJECT_VALUE',
    message: `${path.length === 0 ? 'the project file' : showPath(path)} must be ${issue.message}, not ${shown(node)}`,
    remedy: suggestion(node, issue),
    spot,
  }
}

function suggestion(node: ConfigNode, issue: Issue): string {
  if (node.kind !== 'scalar') return `write ${issue.message}`
  if (node.value === null) return 'write a value, or remove the key'
  const choices = choicesOf(issue)
  if (choices.length > 0) {
    const synonym = synonyms.get(String(node.value).toLowerCase())
    return synonym !== undefined && choices.includes(synonym)
      ? `write ${synonym}`
      : didYouMean(String(node.value), choices)
  }
  if (issue.message.startsWith('a duration') && typeof node.value === 'number')
    return `write a unit: ${node.value}m or ${node.value}h`
  const isQuoted = typeof node.value === 'string' && /^(?:-?\d+(?:\.\d+)?|true|false)$/.test(node.value)
  return isQuoted ? 'remove the quotes' : `write ${issue.message}`
}

/** The words that would be right, also where they are one branch of a union. */
function choicesOf(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code !== 'invalid_union') return []
  if ('options' in issue && issue.options) return issue.options.map(String)
  return issue.errors.flatMap((inner) => inner.flatMap(choicesOf))
}

/** What other tools call our types. */
const synonyms = new Map(
  Object.entries({
    text: 'string',
    str: 'string',
    varchar: 'string',
    bool: 'boolean',
    int: 'int32',
    integer: 'int32',
    bigint: 'int64',
    long: 'int64',
    real: 'float32',
    float: 'float64',
    double: 'float64',
    number: 'float64',
    datetime: 'timestamp',
    timestamptz: 'timestamp',
    https: 'http',
    postgresql: 'postgres',
    sqlite3: 'sqlite',
    markdown: 'documents',
    command: 'exec',
    stdin: 'push',
    jsonl: 'ndjson',
  }),
)

/** Filled-in environment variables are shown as written. */
function shown(node: ConfigNode): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a mapping' : `a list of ${node.items.length}`
  if (node.value === null) return 'empty'
  const text = node.written.length > 60 ? `${node.written.slice(0, 60)}…` : node.written
  return text.split('\n')[0] ?? text
}

function steps(issue: Issue): (string | number)[] {
  return issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
}
