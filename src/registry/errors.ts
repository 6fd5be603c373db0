import { errorCatalogue, exitCode } from '../base/index.ts'

export const registryErrors = errorCatalogue({
  FTI_REGISTRY_UNREACHABLE: [exitCode.unreachable, 'The registry folder is missing or cannot be read at the moment.'],
  FTI_REGISTRY_CONFLICT: [exitCode.conflict, 'A tag does not name the version that the command expected.'],
  FTI_REGISTRY_UNCONFIRMED: [exitCode.resources, 'A journal entry was written, but the disk did not confirm it.'],
  FTI_REGISTRY_FORMAT: [exitCode.usage, 'A registry file was written by a newer fti.'],
  FTI_JOURNAL_CORRUPT: [exitCode.corrupt, 'An entry of the registry journal cannot be read or breaks the chain.'],
  FTI_VERSION_CORRUPT: [
    exitCode.corrupt,
    'A model version is not what was registered: a digest, a size or a file name differs.',
  ],
  FTI_COPY_CORRUPT: [exitCode.corrupt, 'The copy of a model version that a server kept is not what it served.'],
  FTI_VERSION_UNKNOWN: [exitCode.usage, 'The registry has no such version of the model.'],
  FTI_MODEL_UNKNOWN: [exitCode.usage, 'The registry has no such model.'],
  FTI_TAG_UNKNOWN: [exitCode.usage, 'The model has no such tag.'],
  FTI_TAG_FIXED: [exitCode.usage, 'A tag is computed, or reads as a version number, and cannot be moved.'],
  FTI_NOTHING_TO_ROLL_BACK: [exitCode.failed, 'The tag named no other version before this one.'],
  FTI_DRAFT_INVALID: [exitCode.failed, 'The files of a version cannot be registered as they are.'],
})
