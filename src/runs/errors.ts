import { errorCatalogue, exitCode } from '../base/index.ts'

export const runsErrors = errorCatalogue({
  FTI_LOCKED: [
    exitCode.conflict,
    'Another command is at work on the same thing; it is named with pid, command and start.',
  ],
  FTI_SCHEDULE_INVALID: [exitCode.usage, 'A schedule is not five cron fields.'],
  FTI_RUN_UNKNOWN: [exitCode.usage, 'There is no record of a run with this id.'],
  FTI_PIPELINE_UNKNOWN: [exitCode.usage, 'No pipeline of the project has this name, and none has run under it.'],
  FTI_PIPELINE_NAME: [exitCode.usage, 'A pipeline or lock has a name that cannot be a folder.'],
})
