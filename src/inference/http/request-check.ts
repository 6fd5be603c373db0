import type { Instance } from '../../scoring/index.ts'
import type { InstanceCheck } from './instance-check.ts'
import type { Refusal } from './refusal.ts'

/**
 * The instances of a parsed body, or why it is not accepted: `{"instances": [...]}`, nothing beside it,
 * at least one instance and at most `maxInstances`, each passing `checkInstance`.
 */
export function checkRequest(
  body: unknown,
  checkInstance: InstanceCheck,
  maxInstances: number,
): readonly Instance[] | Refusal {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    return { path: '$', rule: 'type', message: 'must be an object with the member "instances"' }
  }
  if (!Object.hasOwn(body, 'instances')) return { path: '$.instances', rule: 'required', message: 'is missing' }
  for (const name in body) {
    if (name !== 'instances') return { path: '$', rule: 'unknown', message: 'may have no member but "instances"' }
  }
  const { instances } = body as { instances: unknown }
  if (!Array.isArray(instances)) return { path: '$.instances', rule: 'type', message: 'must be a list' }
  if (instances.length === 0) {
    return { path: '$.instances', rule: 'minItems', message: 'must have at least one instance' }
  }
  if (instances.length > maxInstances) {
    return { path: '$.instances', rule: 'maxItems', message: `must have at most ${maxInstances} instances` }
  }
  for (let i = 0; i < instances.length; i++) {
    const refusal = checkInstance(instances[i])
    if (refusal !== undefined) return { ...refusal, path: `$.instances[${i}]${refusal.path}` }
  }
  return instances as Instance[]
}
