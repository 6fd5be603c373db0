import type { Task } from '../../contract/index.ts'
import type { Rows } from '../../model/index.ts'
import type { Encoder } from '../../transform/index.ts'
import { fitLinear, type MatrixPart, predictLinear } from './linear-model.ts'

/** Scores of something simple on the test rows: what a network must beat to be worth its trouble. */
export interface Baseline {
  readonly name: string
  readonly scores: Float64Array
}

export interface BaselineInput {
  readonly task: Task
  readonly encoder: Encoder
  readonly train: Rows
  readonly test: Rows
  /** How well each column alone orders the labels of `train`. */
  readonly singleFeatures: ReadonlyMap<string, number>
  readonly signal?: AbortSignal | undefined
}

/** Constant, best single feature, linear model: the three that come free with every training. */
export async function fitBaselines(input: BaselineInput): Promise<Baseline[]> {
  const name = input.task === 'binary' ? 'logistic regression' : 'linear regression'
  const whole = { start: 0, width: input.encoder.width }
  return [constant(input), await bestSingleFeature(input), { name, scores: await linearScores(input, whole) }]
}

/** The mean label of `train`: for a binary task the base rate. */
function constant({ task, train, test }: BaselineInput): Baseline {
  const mean = train.y.reduce((sum, label) => sum + label, 0) / train.rows
  return { name: task === 'binary' ? 'base rate' : 'mean', scores: new Float64Array(test.rows).fill(mean) }
}

/** Chosen on `train` by its score alone, then a linear model on that one column. */
async function bestSingleFeature(input: BaselineInput): Promise<Baseline> {
  const scoreOf = (part: { readonly column: string }) => input.singleFeatures.get(part.column) ?? -1
  const [best] = input.encoder.parts.filter(({ width }) => width > 0).sort((a, b) => scoreOf(b) - scoreOf(a))
  if (!best) return { ...constant(input), name: 'best single feature' }
  return { name: `best single feature (${best.column})`, scores: await linearScores(input, best) }
}

async function linearScores(input: BaselineInput, { start, width }: Omit<MatrixPart, 'rowWidth'>) {
  const { task, encoder, train, test, signal } = input
  const part = { start, width, rowWidth: encoder.width }
  return predictLinear(await fitLinear(train, part, task, signal), test, part, task)
}
