import { safeName } from '../../base/index.ts'
import { tableName } from '../fetched-values.ts'

/** The hash that readers read: one field for each entity key, and the state of the sync that wrote them. */
export function liveHash(prefix: string, group: string, contractVersion: number): string {
  return `${prefix}:online:${tableName(safeName(group, 'feature group'), Math.trunc(contractVersion))}`
}

/** Set of the names of all live hashes, so that a list needs no scan over a server that others use too. */
export function liveHashes(prefix: string): string {
  return `${prefix}:online`
}

/** Name of the field with the state; a key is a JSON array or begins with `sha256:`. */
export const stateField = 'state'
