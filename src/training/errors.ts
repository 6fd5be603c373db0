import { errorCatalogue, exitCode } from '../base/index.ts'

export const trainingErrors = errorCatalogue({
  FTI_MODEL_UNDEFINED: [exitCode.usage, 'The project file defines no model of this name.'],
  FTI_SPINE_REFUSED: [
    exitCode.usage,
    'The spine does not give the columns that the model needs, or reads something else than feature groups.',
  ],
  FTI_SPINE_EMPTY: [exitCode.failed, 'The spine has no rows.'],
  FTI_SPINE_NO_MATCH: [exitCode.failed, 'No row of the spine has a label, or none has a value of any feature group.'],
  FTI_LABEL_ONE_CLASS: [exitCode.failed, 'All labels are equal, so there is nothing to learn.'],
  FTI_LABEL_INVALID: [exitCode.usage, 'The label is not a number or a boolean, and no positive value is declared.'],
  FTI_ROW_UNKNOWN: [exitCode.usage, 'A training dataset has no row of that number, or a key names no row of a spine.'],
  FTI_FEATURE_UNKNOWN: [
    exitCode.usage,
    'A model picks a feature that the published contract of its group does not have.',
  ],
})
