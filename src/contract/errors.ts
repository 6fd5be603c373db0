import { errorCatalogue, exitCode } from '../base/index.ts'

export const contractErrors = errorCatalogue({
  FTI_REFERENCE_INVALID: [exitCode.usage, 'A reference to a snapshot, a version or a tag cannot be read.'],
})
