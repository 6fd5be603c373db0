import { newId } from '../../base/index.ts'

/** Ids that no other server gives and that cost next to nothing: where and when this server started, and a count. */
export function requestIds(): () => string {
  const prefix = newId()
  let count = 0
  return () => `${prefix}-${(++count).toString(36)}`
}
