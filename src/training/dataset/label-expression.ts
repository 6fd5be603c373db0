import { FtiError } from '../../base/index.ts'
import type { Model } from '../../contract/index.ts'
import { quoteName, quoteText } from '../../engine/index.ts'
import type { GroupView } from '../../store/index.ts'
import { trainingErrors } from '../errors.ts'

/** SQL of a label as a double: of a binary task 1 for what counts as positive, 0 for what does not; null where there is none. */
export function labelExpression(model: Model, view: GroupView): string {
  const { feature, positive, group } = model.label
  const type = view.published.contract.features.find((candidate) => candidate.name === feature)?.type
  const column = quoteName(feature)
  if (model.task === 'binary') {
    if (positive === undefined && type === 'boolean') return `CAST(${column} AS DOUBLE)`
    if (positive !== undefined) {
      const value = typeof positive === 'string' ? quoteText(positive) : String(positive)
      return `CASE WHEN ${column} IS NULL THEN NULL WHEN ${column} = ${value} THEN 1.0::DOUBLE ELSE 0.0::DOUBLE END`
    }
  } else if (type !== 'string' && type !== 'timestamp' && type !== 'date') return `CAST(${column} AS DOUBLE)`
  throw new FtiError(trainingErrors.FTI_LABEL_INVALID, {
    message: `the label ${group}.${feature} of type ${type} does not fit a ${model.task} task`,
    place: `models.${model.name}.label`,
    remedy: model.task === 'binary' ? 'say which value counts as 1: positive: …' : 'choose a numeric feature',
  })
}
