import { FtiError, safeName } from '../../base/index.ts'
import { registryErrors } from '../errors.ts'

/** Always the newest registered version; computed, so it can be neither moved nor forgotten. */
export const candidateTag = 'candidate'

/** A tag that may be moved. Errors: FTI_NAME_UNSAFE, FTI_TAG_FIXED. */
export function movableTag(tag: string): string {
  if (safeName(tag, 'tag') !== candidateTag && !/^\d+$/.test(tag)) return tag
  throw new FtiError(registryErrors.FTI_TAG_FIXED, {
    message:
      tag === candidateTag
        ? `'${candidateTag}' always names the newest registered version and cannot be moved`
        : `'${tag}' reads as a version number and cannot be a tag`,
    remedy: 'choose another tag, such as champion or challenger',
  })
}
