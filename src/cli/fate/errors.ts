import { errorCatalogue, exitCode } from '../../base/index.ts'

export const cliErrors = errorCatalogue({
  FTI_COMMAND_UNKNOWN: [exitCode.usage, 'There is no command of that name.'],
  FTI_FLAG_UNKNOWN: [exitCode.usage, 'The command has no such flag.'],
  FTI_FLAG_INVALID: [exitCode.usage, 'A flag is missing, has a wrong value, or does not go with another one.'],
  FTI_ARGUMENT_MISSING: [exitCode.usage, 'The command needs an argument that was not given.'],
  FTI_ARGUMENT_UNEXPECTED: [exitCode.usage, 'The command takes fewer arguments than were given.'],
  FTI_ARGUMENT_INVALID: [exitCode.usage, 'An argument has a value that is not allowed.'],
  FTI_ANSWER_NEEDED: [
    exitCode.usage,
    'A question would have to be asked, but there is no terminal; give the flag instead.',
  ],
  FTI_DIRECTORY_UNKNOWN: [exitCode.usage, 'The folder named by --chdir does not exist.'],
  FTI_OUTPUT_FAILED: [exitCode.resources, 'The result could not be written to standard output.'],
  FTI_BUG: [exitCode.failed, 'An error that fti did not expect: a bug in fti, shown with its stack.'],
})
