import { errorCatalogue, exitCode } from '../base/index.ts'

export const onlineErrors = errorCatalogue({
  FTI_ONLINE_CORRUPT: [exitCode.corrupt, 'The online store cannot be opened or read; a sync makes it anew.'],
  FTI_ONLINE_NETWORK_DISK: [
    exitCode.usage,
    'The embedded online store lies on a network file system, which it cannot use.',
  ],
  FTI_ONLINE_ROW_INVALID: [exitCode.failed, 'A row handed to a sync does not have the declared keys or features.'],
  FTI_ONLINE_CLIENT_MISSING: [
    exitCode.usage,
    'The package that speaks to the server of the online store is not installed.',
  ],
  FTI_ONLINE_UNREACHABLE: [
    exitCode.unreachable,
    'The server of the online store cannot be reached or refuses to work.',
  ],
  FTI_ONLINE_SLOW: [exitCode.unreachable, 'The server of the online store has not answered within the budget.'],
  FTI_ONLINE_FULL: [
    exitCode.resources,
    'The server of the online store has no room left; readers keep the old values.',
  ],
  FTI_ONLINE_INCOMPLETE: [
    exitCode.failed,
    'The server lost values while a sync wrote them; readers keep the old values.',
  ],
})
