import type { Fit, Task } from '../contract/index.ts'
import { compileNetwork, fitNetwork, type Rows } from '../model/index.ts'
import type { Encoder } from '../transform/index.ts'
import { singleFeatureScore } from './evaluation/leakage.ts'
import { type SplitData, sliceColumns } from './matrix.ts'

/** Scores of something simple on the test rows: what a network must beat to be worth its trouble. */
export interface Baseline {
  readonly name: string
  readonly scores: Float64Array
}

export interface BaselineInput {
  readonly task: Task
  readonly fit: Fit
  readonly encoder: Encoder
  readonly raw: SplitData
  readonly train: Rows
  readonly validation: Rows
  readonly test: Rows
  readonly signal?: AbortSignal | undefined
}

/** Constant, best single feature, linear model: the three that come free with every training. */
export async function fitBaselines(input: BaselineInput): Promise<Baseline[]> {
  return [constant(input), await bestSingleFeature(input), await linear(input)]
}

/** The mean label of `train`: for a binary task the base rate. */
function constant({ task, raw, test }: BaselineInput): Baseline {
  const mean = raw.labels.reduce((sum, label) => sum + label, 0) / raw.labels.length
  return { name: task === 'binary' ? 'base rate' : 'mean', scores: new Float64Array(test.rows).fill(mean) }
}

/** Chosen on `train` by its score alone, then a linear model on that one column. */
async function bestSingleFeature(input: BaselineInput): Promise<Baseline> {
  const { raw, encoder, task, train, validation, test } = input
  let best = encoder.parts[0]
  let bestScore = -1
  for (const part of encoder.parts) {
    const column = raw.columns.columns[part.column]
    if (!column || part.width === 0) continue
    const score = singleFeatureScore(column, raw.labels, task)
    if (score > bestScore) [best, bestScore] = [part, score]
  }
  if (!best) return { ...constant(input), name: 'best single feature' }
  const only = (rows: Rows) => sliceColumns(rows, encoder.width, best.start, best.width)
  const scores = await linearScores(input, best.width, only(train), only(validation), only(test))
  return { name: `best single feature (${best.column})`, scores }
}

async function linear(input: BaselineInput): Promise<Baseline> {
  const { encoder, task, train, validation, test } = input
  const scores = await linearScores(input, encoder.width, train, validation, test)
  return { name: task === 'binary' ? 'logistic regression' : 'linear regression', scores }
}

/** A linear model is convex: a larger step and a few epochs reach what it can do. */
const linearEpochs = 4
const linearLearningRate = 0.005

async function linearScores(input: BaselineInput, width: number, train: Rows, validation: Rows, test: Rows) {
  const fitted = await fitNetwork(
    {
      network: { type: 'linear', layers: [], dropout: 0 },
      task: input.task,
      fit: { ...input.fit, epochs: linearEpochs, learningRate: linearLearningRate, earlyStopping: 2 },
      width,
      train,
      validation,
      backend: 'auto',
    },
    { signal: input.signal },
  )
  return Float64Array.from(compileNetwork(fitted.weights).predictBatch(test.x, test.rows))
}
