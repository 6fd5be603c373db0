import { errorCatalogue, exitCode } from '../base/index.ts'

export const scoringErrors = errorCatalogue({
  FTI_GOLDEN_MISMATCH: [exitCode.failed, 'A version does not give the answers that it gave when it was registered.'],
  FTI_SIGNATURE_INVALID: [
    exitCode.corrupt,
    'The signature of a model version cannot be read or contradicts its other files.',
  ],
  FTI_ON_DEMAND_BROKEN: [exitCode.failed, 'The on-demand code of a version cannot be loaded.'],
})
