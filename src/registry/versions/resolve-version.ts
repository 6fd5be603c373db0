import type { VersionSelector } from '../../contract/index.ts'
import { journalHead } from '../journal/journal.ts'
import { modelPaths } from '../layout.ts'
import { candidateTag } from '../tags/tag-name.ts'
import { unknownModel, unknownTag } from '../unknown.ts'
import { requireRegistry } from '../unreachable.ts'
import { registeredDigest } from './version.ts'

/**
 * The number that `model@3`, `model@champion` or `model@candidate` names now; its files are not read.
 * `declared` are the models of the project, for the advice about an unknown one.
 * Errors: FTI_MODEL_UNKNOWN, FTI_VERSION_UNKNOWN, FTI_TAG_UNKNOWN, FTI_JOURNAL_CORRUPT, FTI_REGISTRY_UNREACHABLE.
 */
export async function resolveVersion(
  root: string,
  selector: VersionSelector,
  declared?: Iterable<string>,
): Promise<number> {
  const paths = modelPaths(root, selector.model)
  await requireRegistry(root)
  const missing = await unknownModel(paths, declared)
  if (missing) throw missing
  if (selector.at.kind === 'version') {
    await registeredDigest(paths, selector.at.version)
    return selector.at.version
  }
  const { tags, newest } = await journalHead(root, selector.model)
  const { tag } = selector.at
  const version = tag === candidateTag ? newest : Object.hasOwn(tags, tag) ? tags[tag] : undefined
  if (version === undefined || version === null) throw unknownTag(paths, tag, [...Object.keys(tags), candidateTag])
  return version
}
