import type { Signature } from '../../contract/index.ts'
import type { Refusal } from './refusal.ts'
import { compileValueCheck, type ValueCheck } from './value-check.ts'

/** Checks one instance; undefined when it fits the model. The path of a refusal is relative: `.distance`. */
export type InstanceCheck = (instance: unknown) => Refusal | undefined

/**
 * The check that a version's signature asks for, made once when the version is loaded: exactly the entity keys and
 * request columns, each of its type, nothing coerced. Null is accepted and means "not known"; absent is not null.
 */
export function compileInstanceCheck(signature: Signature): InstanceCheck {
  const fields = instanceFields(signature)
  const names = fields.map(({ name }) => name)
  const known = new Set(names)
  const checks: { name: string; check: ValueCheck }[] = fields.map((field) => ({
    name: field.name,
    check: compileValueCheck(field),
  }))
  const check: InstanceCheck = (instance) => {
    if (instance === null || typeof instance !== 'object' || Array.isArray(instance)) {
      return { path: '', rule: 'type', message: 'must be an object' }
    }
    const given = instance as Readonly<Record<string, unknown>>
    for (const { name, check } of checks) {
      // An own member: `constructor` and the like are there in every object.
      if (!Object.hasOwn(given, name))
        return { path: memberPath(name), rule: 'required', message: 'is missing; send null when it is not known' }
      const value = given[name]
      const broken = value === null ? undefined : check(value)
      if (broken !== undefined) return { path: memberPath(name), rule: broken.rule, message: broken.message }
    }
    for (const name in given) {
      if (!known.has(name))
        return {
          path: '',
          rule: 'unknown',
          message: `has a field that the model does not know; it takes ${names.join(', ')}`,
        }
    }
    return undefined
  }
  return check
}

export interface InstanceField {
  readonly name: string
  readonly type: Signature['columns'][number]['type']
  readonly range?: Signature['request'][number]['range']
  readonly oneOf?: Signature['request'][number]['oneOf']
  readonly isKey: boolean
}

/** What a caller sends: entity keys, then request columns. */
export function instanceFields(signature: Signature): InstanceField[] {
  return [
    ...Object.entries(signature.entityKeys).map(([name, type]) => ({ name, type, isKey: true })),
    ...signature.request.map((column) => ({ ...column, isKey: false })),
  ]
}

function memberPath(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}
