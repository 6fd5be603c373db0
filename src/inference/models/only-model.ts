import { FtiError } from '../../base/index.ts'
import type { Project } from '../../project/index.ts'
import { inferenceErrors } from '../errors.ts'

/** Name of the model of a project that has one; where there are more, the caller has to say which. */
export function onlyModel({ models, name, file }: Pick<Project, 'models' | 'name' | 'file'>): string {
  const [only] = models.size === 1 ? models.keys() : []
  if (only !== undefined) return only
  throw new FtiError(inferenceErrors.FTI_MODEL_UNNAMED, {
    message: `${name} has ${models.size} models; say which one`,
    place: file,
    remedy: `add --model ${[...models.keys()].join(' | ') || 'MODEL'}`,
  })
}
