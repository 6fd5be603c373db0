import { FtiError } from './error.ts'
import { baseErrors } from './errors.ts'

const safe = /^[a-z0-9][a-z0-9._-]{0,62}$/

/** True when a name may become part of a path or a member of an object: no separators, no `..`, no case surprises. */
export function isSafeName(name: string): boolean {
  // What every object has by itself, `constructor`, would be found in a table of names that does not hold it.
  return safe.test(name) && !name.includes('..') && !name.endsWith('.') && !(name in Object.prototype)
}

/** The name itself, or an error that says what is allowed. Called wherever a name enters: flags, YAML, HTTP, disk. */
export function safeName(name: string, what: string): string {
  if (isSafeName(name)) return name
  throw new FtiError(baseErrors.FTI_NAME_UNSAFE, {
    message: `${what} ${JSON.stringify(name)} is not a valid name`,
    remedy: 'use 1 to 63 lower-case letters, digits, and . _ - ; begin with a letter or digit; not `constructor`',
  })
}
