import { errorCatalogue, exitCode } from '../base/index.ts'

export const modelErrors = errorCatalogue({
  FTI_FIT_INPUT: [
    exitCode.failed,
    'The rows handed to a fit have another shape than they claim, or labels out of range.',
  ],
  FTI_LOSS_NAN: [
    exitCode.failed,
    'The loss became infinite or not a number; the fit was stopped and nothing was kept.',
  ],
  FTI_FIT_MEMORY: [exitCode.resources, 'A fit ran out of memory.'],
  FTI_BACKEND_MISSING: [exitCode.unreachable, 'The asked-for tensor backend is not installed or does not load here.'],
  FTI_NETWORK_CORRUPT: [exitCode.corrupt, 'The files of a network are not what fti writes; they were refused.'],
})
