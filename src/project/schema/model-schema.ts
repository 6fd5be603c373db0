// Reached only by dynamic import (see word-schema.ts).
import { z } from 'zod'
import { metricsOf, tasks, transformKinds } from '../../contract/index.ts'
import { cronText, retrySchema } from './group-schema.ts'
import {
  amount,
  choice,
  column,
  contractVersion,
  count,
  duration,
  list,
  literalValue,
  nonEmptyList,
  range,
  safeNameText,
  section,
  table,
  tableName,
  text,
  valueType,
} from './word-schema.ts'

const selectionSchema = section({
  group: tableName().describe('Feature group of this project, or one published in the store.'),
  pick: nonEmptyList(column()).describe('Features to read.'),
  contract: contractVersion()
    .optional()
    .describe('Contract version to read, such as v1, until it is retired. Default: the newest.'),
  on: table(column(), column())
    .optional()
    .describe('Key column of the group -> spine column that holds it. Default: the same name.'),
  as: column()
    .optional()
    .describe('Prefix of the columns when a group is joined more than once: dest gives dest_seats.'),
}).meta({
  examples: [
    { group: 'airport_departures', pick: ['delay', 'departures'], contract: 'v1' },
    { group: 'aircraft', pick: ['seats'], on: { tailnum: 'previous_tailnum' }, as: 'previous' },
  ],
})

const requestSchema = z.union(
  [
    valueType(),
    section({
      type: valueType().describe('Type of the values.'),
      range: range().optional().describe('Smallest and largest accepted value; null leaves a side open.'),
      oneOf: nonEmptyList(literalValue()).optional().describe('The only accepted values.'),
    }).meta({
      examples: [
        { type: 'float64', range: [0, 6000] },
        { type: 'string', oneOf: ['AA', 'UA'] },
      ],
    }),
  ],
  { error: 'a type, or a mapping such as { type: float64, range: [0, 10] }' },
)

const onDemandSchema = section({
  module: text('the path of a module').describe(
    'TypeScript or JavaScript module whose default export is the function.',
  ),
  inputs: nonEmptyList(column()).describe('Request columns that the function sees; it sees no others.'),
  outputs: table(column(), valueType()).describe('Columns that the function returns.'),
}).meta({
  examples: [
    { module: 'features/schedule.ts', inputs: ['scheduled_at'], outputs: { hour: 'float64', weekday: 'int32' } },
  ],
})

const transformKind = () => choice(transformKinds)
const transformSchema = z.union([transformKind(), nonEmptyList(transformKind())], {
  error: `a transform or a list of them: ${transformKinds.join(', ')}`,
})

const networkSchema = section({
  type: choice(['mlp', 'linear']).describe('Kind of network.'),
  layers: list(count(1, 65536), 'a list of layer sizes, such as [64, 32]')
    .optional()
    .describe('Units of the hidden layers; mlp only. Default: [64, 32].'),
  dropout: amount(0, 0.95).optional().describe('Share of hidden units dropped in each training step. Default: 0.'),
}).meta({ examples: [{ type: 'mlp', layers: [64, 32], dropout: 0.1 }, { type: 'linear' }] })

const fitSchema = section({
  epochs: count(1, 100_000).optional().describe('Passes over the training rows. Default: 20.'),
  batchSize: count(1, 1_000_000).optional().describe('Rows per training step. Default: 512.'),
  learningRate: amount(1e-12, 10, 'a number above 0, at most 10').optional().describe('Step size. Default: 0.001.'),
  earlyStopping: count(0, 100_000)
    .optional()
    .describe('Epochs without improvement before stopping; 0 never stops early. Default: 3.'),
  seed: count(0, 2_147_483_647).optional().describe('Seed of every random choice. Default: 7.'),
}).meta({ examples: [{ epochs: 20, batchSize: 512, learningRate: 0.001, earlyStopping: 3, seed: 7 }] })

const splitSchema = section({
  by: choice(['time']).optional().describe('How rows are split. Default: time.'),
  test: duration().describe('Length of the test part, counted back from the newest mature label.'),
  validation: duration().describe('Length of the validation part before it.'),
  gap: duration().optional().describe('Rows between two parts that belong to neither. Default: 0s.'),
}).meta({ examples: [{ by: 'time', test: '60d', validation: '30d', gap: '1d' }] })

const gateSchema = section({
  metric: column().describe(
    `Metric that is judged; binary: ${metricsOf.binary.join(', ')}; regression: ${metricsOf.regression.join(', ')}.`,
  ),
  min: z.number({ error: 'a number' }).optional().describe('Smallest allowed value.'),
  max: z.number({ error: 'a number' }).optional().describe('Largest allowed value.'),
  notWorseThan: safeNameText().optional().describe('Tag of the version that this one must not be worse than.'),
  slice: column().optional().describe('Column; the condition must hold for each of its values.'),
  minRows: count(0, 1_000_000_000).optional().describe('Slices with fewer test rows are not judged. Default: 100.'),
}).meta({
  examples: [
    { metric: 'auc', min: 0.72 },
    { metric: 'logLoss', max: 0.5 },
    { metric: 'auc', notWorseThan: 'champion' },
    { metric: 'auc', slice: 'origin', min: 0.68, minRows: 500 },
  ],
})

export const modelSchema = section({
  description: text().optional().describe('What is predicted, and for whom.'),
  owner: text().optional().describe('Team or person who answers for this model.'),
  task: choice(tasks).describe('What kind of answer the model gives.'),
  spine: text('the path of a .sql file').describe(
    'One SELECT over feature groups: entity keys, prediction time, request columns.',
  ),
  time: column().describe('Spine column: the moment at which the prediction would have been made.'),
  label: section({
    group: tableName().describe('Feature group that holds the label.'),
    feature: column().describe('The column to predict.'),
    positive: literalValue()
      .optional()
      .describe('The value that counts as 1 in a binary task. Default for a boolean: true.'),
  })
    .meta({ examples: [{ group: 'departure_outcomes', feature: 'late', positive: true }] })
    .describe('The column to predict.'),
  features: list(selectionSchema).optional().describe('The feature view: what the model reads from feature groups.'),
  request: table(column(), requestSchema)
    .optional()
    .describe('Columns that the caller sends; in training they are spine columns.'),
  onDemand: onDemandSchema.optional().describe('Columns computed from the request.'),
  transforms: table(column(), transformSchema)
    .optional()
    .describe('Model-dependent transforms by column. Default: by type.'),
  network: networkSchema.optional().describe('What is trained. Default: an mlp with layers [64, 32].'),
  fit: fitSchema.optional().describe('How the network is trained.'),
  split: splitSchema.describe('Which rows train, validate and test.'),
  gates: list(gateSchema).optional().describe('Conditions that a version must meet to be promoted. Default: none.'),
  retrain: section({
    newRows: count(1, 1_000_000_000_000)
      .optional()
      .describe('Labelled rows that became known since the newest version.'),
    olderThan: duration().optional().describe('Age of the newest version.'),
  })
    .meta({ examples: [{ newRows: 20_000, olderThan: '30d' }] })
    .optional()
    .describe('When `fti run` trains again; any of these. Default: only by schedule.'),
  schedule: cronText().optional().describe('When `fti run` considers training: five cron fields, UTC.'),
  retry: retrySchema.optional().describe('What to do after a failed run. Default: nothing.'),
}).meta({
  examples: [
    {
      description: 'Will this flight leave late?',
      owner: 'ml-team',
      task: 'binary',
      spine: 'training/late_departure.sql',
      time: 'predict_at',
      label: { group: 'departure_outcomes', feature: 'late' },
      request: { carrier: 'string', distance: { type: 'float64', range: [0, 6000] } },
      transforms: { carrier: 'oneHot', distance: ['log', 'standardize'] },
      split: { test: '60d', validation: '30d' },
      schedule: '0 3 * * *',
    },
  ],
})

export type ModelYaml = z.output<typeof modelSchema>
