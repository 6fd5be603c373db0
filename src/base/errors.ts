import { errorCatalogue } from './error.ts'
import { exitCode } from './exit-code.ts'

export const baseErrors = errorCatalogue({
  FTI_INTERRUPTED: [exitCode.interrupted, 'The command was cancelled; nothing was committed.'],
  FTI_NAME_UNSAFE: [exitCode.usage, 'A name has characters that are not allowed in a path or a tag.'],
  FTI_DURATION_INVALID: [exitCode.usage, 'A duration is not a number with a unit such as 15m, 6h or 30d.'],
  FTI_TIME_INVALID: [exitCode.usage, 'A time is not ISO 8601 with a zone.'],
  FTI_DISK_FULL: [exitCode.resources, 'The file system has no room left; nothing half-written is visible.'],
  FTI_NO_PERMISSION: [exitCode.resources, 'The operating system refused access to a file or folder.'],
  FTI_SYNC_FAILED: [exitCode.resources, 'The disk did not confirm a write; the attempt was given up.'],
  FTI_FILE_CORRUPT: [exitCode.corrupt, 'A file that fti wrote cannot be read back.'],
})
