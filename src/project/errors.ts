import { errorCatalogue, exitCode } from '../base/index.ts'

export const projectErrors = errorCatalogue({
  FTI_PROJECT_NOT_FOUND: [
    exitCode.usage,
    'There is no fti.config.yaml here or in any folder above, or it cannot be read.',
  ],
  FTI_PROJECT_OVERLAY_UNKNOWN: [exitCode.usage, 'The environment named by --env has no fti.config.<env>.yaml.'],
  FTI_PROJECT_SYNTAX: [exitCode.usage, 'A project file is not valid YAML, is too large, or expands without end.'],
  FTI_PROJECT_KEY_UNKNOWN: [exitCode.usage, 'A project file has a key that fti does not know.'],
  FTI_PROJECT_KEY_MISSING: [exitCode.usage, 'A key that has no default is absent from the project file.'],
  FTI_PROJECT_TYPE: [exitCode.usage, 'A value in the project file has another type than its key asks for.'],
  FTI_PROJECT_VALUE: [exitCode.usage, 'A value in the project file is not among those its key allows.'],
  FTI_PROJECT_NAME: [exitCode.usage, 'A name in the project file is unsafe, reserved, or means two things.'],
  FTI_PROJECT_REFERENCE: [exitCode.usage, 'The project file names something that does not exist.'],
  FTI_PROJECT_CONFLICT: [exitCode.usage, 'Two keys of the project file contradict each other.'],
  FTI_PROJECT_CYCLE: [exitCode.usage, 'Feature groups are made from one another in a circle.'],
  FTI_PROJECT_ENV: [exitCode.usage, 'The project file reads an environment variable that is not set.'],
  FTI_PROJECT_SECRET: [exitCode.usage, 'The project file holds a secret in plain text.'],
  FTI_PROJECT_UNSUPPORTED: [exitCode.usage, 'The project file asks for something that this version cannot do yet.'],
  FTI_CASE_INVALID: [
    exitCode.usage,
    'A test case of a feature group is not as such a file must be, or lies under the name of no group.',
  ],
  FTI_TEMPLATE_UNKNOWN: [exitCode.usage, 'There is no template of that name.'],
  FTI_FOLDER_NOT_EMPTY: [exitCode.usage, 'A new project needs a folder that is new or empty.'],
  FTI_MODULE_INVALID: [exitCode.usage, 'A code module of the project cannot be bundled, or reaches outside itself.'],
})

export type ProjectErrorCode = keyof typeof projectErrors
