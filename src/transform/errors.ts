import { errorCatalogue, exitCode } from '../base/index.ts'

export const transformErrors = errorCatalogue({
  FTI_TRANSFORM_UNFIT: [
    exitCode.usage,
    'A transform does not suit the type of its column or the transforms before it.',
  ],
  FTI_TRANSFORM_COLUMN: [exitCode.failed, 'A column to transform is absent from the data or has another type there.'],
  FTI_TRANSFORM_RANGE: [exitCode.failed, 'A column has values too large for a mean and a deviation.'],
  FTI_TRANSFORM_VALUE: [exitCode.failed, 'A value has another type than its column.'],
  FTI_ON_DEMAND_INPUT: [
    exitCode.failed,
    'An on-demand function reads a column that it does not declare, or lacks one.',
  ],
  FTI_ON_DEMAND_OUTPUT: [exitCode.failed, 'An on-demand function returned something else than its declared outputs.'],
  FTI_ON_DEMAND_FAILED: [exitCode.failed, 'An on-demand function threw an error.'],
  FTI_ON_DEMAND_IMPURE: [
    exitCode.failed,
    'An on-demand function depends on the clock, the time zone, chance or its past.',
  ],
  FTI_MODULE_INPUT: [
    exitCode.failed,
    'The module of a feature group reads a column that its SQL does not give, or gets a number that it cannot hold.',
  ],
  FTI_MODULE_OUTPUT: [
    exitCode.failed,
    'The module of a feature group returned something else than the columns of its contract.',
  ],
  FTI_MODULE_FAILED: [exitCode.failed, 'The module of a feature group threw an error.'],
  FTI_TRANSFORMS_CORRUPT: [exitCode.corrupt, 'The file of fitted transforms is not what fti writes; it was refused.'],
})
