import { FtiError } from '../base/index.ts'
import { columnOf, type Signature, tasks, valueTypes } from '../contract/index.ts'
import { scoringErrors } from './errors.ts'

/**
 * A signature from the text of `signature.json`. Every member that serving relies on is checked, and that each column
 * of the vector comes from exactly one place. Errors: FTI_SIGNATURE_INVALID naming the member.
 */
export function decodeSignature(text: string, place: string): Signature {
  try {
    const root: unknown = JSON.parse(text)
    checkSignature(root)
    return root as Signature
  } catch (error) {
    if (error instanceof FtiError) throw error
    throw new FtiError(scoringErrors.FTI_SIGNATURE_INVALID, {
      message: `the signature is not valid: ${error instanceof Error ? error.message : String(error)}`,
      place,
      remedy: 'train and register the model again, or use another version',
      cause: error,
    })
  }
}

function checkSignature(value: unknown): void {
  const root = record(value, '$')
  if (root['format'] !== 1) fail('$.format', 'is not 1; this fti reads format 1')
  oneOf(root['task'], tasks, '$.task')
  types(root['entityKeys'], '$.entityKeys')
  const request = list(root['request'], '$.request')
  request.forEach((column, i) => {
    checkColumn(column, `$.request[${i}]`)
  })
  list(root['groups'], '$.groups').forEach((group, i) => {
    checkGroup(group, `$.groups[${i}]`)
  })
  if (root['onDemand'] !== undefined) {
    const onDemand = record(root['onDemand'], '$.onDemand')
    strings(onDemand['inputs'], '$.onDemand.inputs')
    types(onDemand['outputs'], '$.onDemand.outputs')
  }
  list(root['columns'], '$.columns').forEach((column, i) => {
    checkColumn(column, `$.columns[${i}]`)
  })
  string(record(root['output'], '$.output')['name'], '$.output.name')
  checkOrigins(root as unknown as Signature)
}

function checkColumn(value: unknown, path: string): void {
  const column = record(value, path)
  string(column['name'], `${path}.name`)
  oneOf(column['type'], valueTypes, `${path}.type`)
}

function checkGroup(value: unknown, path: string): void {
  const group = record(value, path)
  string(group['group'], `${path}.group`)
  if (!Number.isSafeInteger(group['contractVersion'])) fail(`${path}.contractVersion`, 'is not an integer')
  types(group['key'], `${path}.key`)
  types(group['types'], `${path}.types`)
  strings(group['pick'], `${path}.pick`)
  if (typeof group['isStatic'] !== 'boolean') fail(`${path}.isStatic`, 'is not true or false')
  if (group['maxAgeMs'] !== undefined && !Number.isFinite(group['maxAgeMs']))
    fail(`${path}.maxAgeMs`, 'is not a number')
  for (const [name, column] of Object.entries(record(group['on'], `${path}.on`))) string(column, `${path}.on.${name}`)
}

/** Each column of the vector, and each key of a group, must be something that serving has; no name may have two origins. */
function checkOrigins(signature: Signature): void {
  const sent = new Set([...Object.keys(signature.entityKeys), ...signature.request.map(({ name }) => name)])
  const made = [
    ...signature.groups.flatMap((group) => group.pick.map((feature) => columnOf(group, feature))),
    ...Object.keys(signature.onDemand?.outputs ?? {}),
  ]
  const known = new Set([...sent, ...made])
  if (known.size !== sent.size + made.length) {
    const twice = made.find((name, i) => sent.has(name) || made.indexOf(name) !== i)
    fail('$.columns', `have two origins for ${JSON.stringify(twice)}; give one group an \`as:\``)
  }
  signature.columns.forEach(({ name }, i) => {
    if (!known.has(name)) fail(`$.columns[${i}]`, `names ${JSON.stringify(name)}, which nothing provides`)
  })
  signature.groups.forEach((group, i) => {
    for (const key of Object.keys(group.key)) {
      if (!sent.has(group.on[key] ?? key))
        fail(`$.groups[${i}].on`, `has no sent column for the key ${JSON.stringify(key)}`)
    }
  })
  signature.onDemand?.inputs.forEach((input, i) => {
    if (!sent.has(input)) fail(`$.onDemand.inputs[${i}]`, 'is not a column that callers send')
  })
}

function fail(path: string, what: string): never {
  throw new Error(`${path} ${what}`)
}

function record(value: unknown, path: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return fail(path, 'is not an object')
  return value as Record<string, unknown>
}

function list(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, 'is not a list')
}

function string(value: unknown, path: string): void {
  if (typeof value !== 'string' || value === '') fail(path, 'is not a name')
}

function strings(value: unknown, path: string): void {
  list(value, path).forEach((item, i) => {
    string(item, `${path}[${i}]`)
  })
}

function types(value: unknown, path: string): void {
  for (const [name, type] of Object.entries(record(value, path))) oneOf(type, valueTypes, `${path}.${name}`)
}

function oneOf(value: unknown, allowed: readonly string[], path: string): void {
  if (!allowed.includes(value as string)) fail(path, `is not one of ${allowed.join(', ')}`)
}
