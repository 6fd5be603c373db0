import { FtiError } from '../base/index.ts'
import { runsErrors } from './errors.ts'

/** A name that may be a folder or a lock. Longer than others may be, for it has the kind before the name: `train-late`. */
export function pipelineName(name: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,125}$/.test(name) && !name.includes('..')) return name
  throw new FtiError(runsErrors.FTI_PIPELINE_NAME, {
    message: `${JSON.stringify(name)} is not a valid pipeline name`,
    remedy: 'use lower-case letters, digits, and . _ - ; begin with a letter or digit',
  })
}
