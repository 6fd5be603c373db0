import { errorCatalogue, exitCode } from '../base/index.ts'

export const onlineErrors = errorCatalogue({
  FTI_ONLINE_CORRUPT: [exitCode.corrupt, 'The online store cannot be opened or read; a sync makes it anew.'],
  FTI_ONLINE_NETWORK_DISK: [
    exitCode.usage,
    'The embedded online store lies on a network file system, which it cannot use.',
  ],
  FTI_ONLINE_ROW_INVALID: [exitCode.failed, 'A row handed to a sync does not have the declared keys or features.'],
})
