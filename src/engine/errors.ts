import { errorCatalogue, exitCode } from '../base/index.ts'

export const engineErrors = errorCatalogue({
  FTI_SQL_FAILED: [exitCode.failed, 'A query could not be parsed, bound or run.'],
  FTI_SQL_NOT_SELECT: [exitCode.usage, 'Project SQL is not exactly one SELECT statement.'],
  FTI_SQL_REFUSED: [
    exitCode.usage,
    'A query asked for a file, a network address or a setting that is out of its bounds.',
  ],
  FTI_ENGINE_MEMORY: [exitCode.resources, 'A query needs more memory than the engine may use.'],
  FTI_COLUMNS_MISMATCH: [exitCode.failed, 'A batch of columns does not fit the table that it is appended to.'],
})
