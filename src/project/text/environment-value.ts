import type { ConfigNode, ScalarNode } from './config-node.ts'
import type { ConfigPath } from './config-path.ts'
import type { Problem } from './problem.ts'
import { isSecretPlace, secretIn } from './secret.ts'

const reference = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g

/** Fills `${env:NAME}` in one scalar, and refuses secrets in plain text. Problems are added to `problems`. */
export function resolveScalar(
  scalar: ScalarNode,
  path: ConfigPath,
  env: NodeJS.ProcessEnv,
  problems: Problem[],
): ScalarNode {
  const isBare = isSecretPlace(path) && scalar.value !== null && scalar.written.search(reference) < 0
  if (typeof scalar.value !== 'string' && !isBare) return scalar
  const { spot } = scalar
  const text = String(scalar.value)
  const secret = isBare ? `the value of ${path.at(-1)}` : secretIn(text)
  if (secret !== undefined) {
    problems.push({
      code: 'FTI_PROJECT_SECRET',
      message: `${secret} stands here in plain text`,
      remedy: `put it into an environment variable and write \${env:NAME} in its place; then change the secret, for it was in a file`,
      spot,
    })
    // Whatever else is wrong with it must not repeat it.
    return { ...scalar, value: '***', written: '***' }
  }
  if (/\$\{env:/.test(text.replace(reference, '')) || /^\$\{?[A-Z][A-Z0-9_]*\}?$/.test(text)) {
    problems.push({
      code: 'FTI_PROJECT_ENV',
      message: `${text} is not a reference to an environment variable`,
      remedy: `write \${env:NAME}`,
      spot,
    })
    return scalar
  }
  const unset = [...text.matchAll(reference)]
    .map((match) => match[1] ?? '')
    .filter((name) => !Object.hasOwn(env, name) || env[name] === undefined)
  for (const name of new Set(unset)) {
    problems.push({
      code: 'FTI_PROJECT_ENV',
      message: `the environment variable ${name} is not set`,
      remedy: `set it: export ${name}=…`,
      spot: { ...spot, offset: Math.max(spot.offset, spot.source.text.indexOf(`\${env:${name}}`, spot.offset)) },
    })
  }
  if (unset.length > 0) return scalar
  const filled = text.replace(reference, (_whole, name: string) => env[name] ?? '')
  if (filled === text) return scalar
  // Unquoted and alone, a variable may stand for a number or a boolean, as the same text in the file would.
  // A secret is a text, also one of digits.
  const isAlone = scalar.isPlain && !isSecretPlace(path) && text.replace(reference, '') === ''
  return { ...scalar, value: isAlone ? plainValue(filled) : filled }
}

/** True when a scalar could not be resolved, so that its type says nothing. */
export function isUnresolved(node: ConfigNode): boolean {
  return node.kind === 'scalar' && typeof node.value === 'string' && /^\$|\$\{env:/.test(node.value)
}

function plainValue(text: string): string | number | boolean {
  if (text === 'true') return true
  if (text === 'false') return false
  return /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : text
}
