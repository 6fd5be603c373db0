import { didYouMean, FtiError } from '../base/index.ts'
import type { Model } from '../contract/index.ts'
import type { Project } from '../project/index.ts'
import { trainingErrors } from './errors.ts'

/** The declared model of this name; the only one when no name is given. `command` is what the remedy says to type. */
export function chooseModel(
  { name: projectName, file, models }: Pick<Project, 'name' | 'file' | 'models'>,
  asked: string | undefined,
  command: string,
): Model {
  const [only] = models.size === 1 ? models.keys() : []
  const name = asked ?? only ?? ''
  const model = models.get(name)
  if (model) return model
  if (asked === undefined) {
    throw new FtiError(trainingErrors.FTI_MODEL_UNDEFINED, {
      message: `${projectName} has ${models.size} models; say which one`,
      place: file,
      remedy: `write: ${command} ${[...models.keys()].join(' | ') || 'MODEL'}`,
    })
  }
  throw new FtiError(trainingErrors.FTI_MODEL_UNDEFINED, {
    message: `there is no model '${name}' in ${projectName}`,
    place: file,
    remedy: didYouMean(name, models.keys()),
  })
}
