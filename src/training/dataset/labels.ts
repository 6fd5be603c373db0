import { FtiError } from '../../base/index.ts'
import { type Model, systemColumns } from '../../contract/index.ts'
import { type Engine, quoteName, quoteTime } from '../../engine/index.ts'
import type { GroupView } from '../../store/index.ts'
import { trainingErrors } from '../errors.ts'
import { labelExpression } from './label-expression.ts'

export interface LabelCounts {
  /** Rows with a label that was known at the training cut-off. */
  readonly mature: number
  /** Rows whose label exists but became known later. */
  readonly immature: number
  /** Rows for which there is no label. */
  readonly unmatched: number
}

/**
 * The moment of the newest label that was known at `asOf`: a training at any later moment, before the next label
 * becomes known, has the same data, so it gets the same dataset.
 */
export async function newestKnownLabel(engine: Engine, view: GroupView, asOf: Date): Promise<Date> {
  const known = `${systemColumns.availableAt} <= ${quoteTime(asOf.toISOString())}`
  const [row] = await engine.rows<{ ms: number | null }>(
    `SELECT epoch_ms(max(${systemColumns.availableAt})) + 1 AS ms FROM (${view.raw}) WHERE ${known}`,
  )
  return row?.ms == null ? asOf : new Date(Math.min(asOf.getTime(), Number(row.ms)))
}

/**
 * Joins labels by exact key, as known at `asOf`, into the table `_labelled` with `_label` as a double
 * and `_label_available_at`, the moment at which it was known.
 * Not by time: the event of a label lies after the prediction. Rows without a mature label are left out and counted.
 */
export async function joinLabels(
  engine: Engine,
  model: Model,
  view: GroupView,
  asOf: Date,
  signal?: AbortSignal,
): Promise<LabelCounts> {
  const label = labelExpression(model, view)
  const keys = Object.keys(view.published.contract.entity.key).map(quoteName).join(', ')
  await engine.execute(
    `CREATE TABLE _labelled AS SELECT s.*, l._label, l._label_available_at FROM _spine s
     JOIN (${newestLabels(view, label, asOf)}) l USING (${keys})
     WHERE l._label IS NOT NULL`,
    signal,
  )
  const [counts] = await engine.rows<{ spine: number; mature: number; matched: number }>(
    `SELECT (SELECT count(*) FROM _spine) AS spine, (SELECT count(*) FROM _labelled) AS mature,
       (SELECT count(*) FROM _spine
        SEMI JOIN (SELECT * FROM (${view.raw}) WHERE ${label} IS NOT NULL) USING (${keys})) AS matched`,
  )
  const [spine, mature, matched] = [Number(counts?.spine), Number(counts?.mature), Number(counts?.matched)]
  if (mature === 0) throw noMatch(model, view, spine)
  await checkClasses(engine, model)
  return { mature, immature: matched - mature, unmatched: spine - matched }
}

/** SELECT of the label of each key that was known last, and since when it was. */
function newestLabels({ raw, published }: GroupView, label: string, asOf: Date): string {
  const { entity, eventTime } = published.contract
  const keys = Object.keys(entity.key).map(quoteName).join(', ')
  const times = [...(eventTime === undefined ? [] : [quoteName(eventTime)]), systemColumns.availableAt]
  const newestFirst = [...times, systemColumns.sequence].map((column) => `${column} DESC`).join(', ')
  return `SELECT ${keys}, ${label} AS _label, ${systemColumns.availableAt} AS _label_available_at FROM (${raw})
    WHERE ${systemColumns.availableAt} <= ${quoteTime(asOf.toISOString())}
    QUALIFY row_number() OVER (PARTITION BY ${keys} ORDER BY ${newestFirst}) = 1`
}

async function checkClasses(engine: Engine, model: Model): Promise<void> {
  const [found] = await engine.rows<{ values: number; only: number }>(
    `SELECT count(DISTINCT _label) AS "values", min(_label) AS "only" FROM _labelled`,
  )
  if (Number(found?.values) > 1) return
  throw new FtiError(trainingErrors.FTI_LABEL_ONE_CLASS, {
    message: `every label of '${model.name}' is ${found?.only}`,
    place: `models.${model.name}.label`,
    remedy: 'check label.positive, and that the spine covers rows of both kinds; nothing was registered',
  })
}

function noMatch(model: Model, view: GroupView, spine: number): FtiError {
  const key = Object.keys(view.published.contract.entity.key).join(', ')
  return new FtiError(trainingErrors.FTI_SPINE_NO_MATCH, {
    message: `none of the ${spine} rows of the spine of '${model.name}' has a label in ${view.reference.group}`,
    place: `models.${model.name}.spine`,
    remedy: `compare the values of ${key} in the spine and in the group: fti feature show ${view.reference.group}`,
  })
}
