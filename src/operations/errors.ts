import { errorCatalogue, exitCode } from '../base/index.ts'

export const operationsErrors = errorCatalogue({
  FTI_NOT_PROMOTABLE: [
    exitCode.failed,
    'A version does not meet its gates, so no tag was moved; the refusal is in the journal.',
  ],
  FTI_STORE_LOST: [
    exitCode.unreachable,
    'The feature store lacks groups that this project is known to have committed to it: it was moved, or is not mounted.',
  ],
  FTI_PLAN_UNSOUND: [
    exitCode.usage,
    'A transform does not give what its feature group declares, so a plan was not applied.',
  ],
  FTI_PLAN_ID_INVALID: [exitCode.usage, 'What was given to apply is not the id of a plan.'],
  FTI_PLAN_GROUP_UNKNOWN: [
    exitCode.usage,
    'A flag of plan or apply names a feature group that the project does not have.',
  ],
  FTI_PLAN_OUTDATED: [exitCode.conflict, 'Something changed after a plan was made, so it was not applied.'],
  FTI_GENERATE_PATH: [exitCode.usage, 'A path has characters that a scheduler file cannot express.'],
  FTI_GENERATE_INTERVAL: [exitCode.usage, 'The interval of a schedule does not divide an hour evenly.'],
  FTI_GENERATE_EXISTS: [exitCode.usage, 'A generated file would overwrite one that differs.'],
})
