import { isSafeName } from '../base/index.ts'
import { namesIn } from './unreachable.ts'

/** Names of the models that have a folder here, sorted; none when there is no registry yet. */
export async function listModels(root: string): Promise<string[]> {
  return (await namesIn(root, root)).filter(isSafeName).sort()
}
