// Reached only by dynamic import (see word-schema.ts).
import { z } from 'zod'
import { onInvalidChoices, onMissingChoices, transformPolicies } from '../../contract/index.ts'
import {
  choice,
  column,
  contractVersion,
  count,
  duration,
  flag,
  list,
  literalValue,
  nonEmptyList,
  range,
  section,
  table,
  tableName,
  text,
  valueType,
} from './word-schema.ts'

export const entitySchema = section({
  key: table(column(), valueType()).describe('Columns that name one of it, with their types. Their order matters.'),
}).meta({ examples: [{ key: { origin: 'string' } }] })

const columnOrRows = () =>
  z.union([column(), z.literal('*')], { error: 'a column of the transform, or "*" for its rows' })

const aggregateSchema = section({
  count: columnOrRows().optional().describe('Values that are not null; "*" counts rows.'),
  sum: column().optional().describe('Sum; null where there is no value.'),
  mean: column().optional().describe('Mean of the values that are not null.'),
  min: column().optional().describe('Smallest value.'),
  max: column().optional().describe('Greatest value.'),
  last: column().optional().describe('The newest value that is not null; of several at one time the greatest.'),
  std: column().optional().describe('Standard deviation of a sample; null for fewer than two values.'),
  distinct: column().optional().describe('How many different values, exactly.'),
  ratio: z
    .tuple([columnOrRows(), columnOrRows()], { error: 'a list of two columns, such as [late, "*"]' })
    .optional()
    .describe('Sum of the first over the sum of the second; null over zero.'),
  over: duration().describe('Stretch of time that ends with the row, which counts too.'),
}).meta({
  examples: [
    { count: '*', over: '1h' },
    { sum: 'amount', over: '7d' },
    { mean: 'delay', over: '1h' },
    { min: 'delay', over: '1h' },
    { max: 'delay', over: '1h' },
    { last: 'price', over: '30d' },
    { std: 'delay', over: '1d' },
    { distinct: 'carrier', over: '1d' },
    { ratio: ['late', '*'], over: '3h' },
  ],
})

const featureSchema = z.union(
  [
    valueType(),
    section({
      type: valueType().describe('Type of the values. Types are declared, never inferred.'),
      unit: text().optional().describe('Unit of the values, such as min. Changing it is a breaking change.'),
      range: range()
        .optional()
        .describe('Smallest and largest allowed value, both inclusive; null leaves a side open.'),
      nullable: flag().optional().describe('May be null. Default: true.'),
      oneOf: nonEmptyList(literalValue()).optional().describe('The only allowed values.'),
      pattern: text('a regular expression')
        .optional()
        .describe('Regular expression (RE2) that the whole value must match.'),
      unique: flag().optional().describe('No two rows of a batch share a value. Default: false.'),
      description: text().optional().describe('What the values mean.'),
      aggregate: aggregateSchema
        .optional()
        .describe('Computes the feature over a window of the rows that the transform gives for a key.'),
      renamedFrom: column().optional().describe('Name of this feature in the previous contract version.'),
    }).meta({
      examples: [
        {
          type: 'float64',
          unit: 'min',
          range: [-60, null],
          nullable: false,
          description: 'Mean delay',
          renamedFrom: 'delay',
        },
        { type: 'string', oneOf: ['dry', 'rain', 'snow'] },
        { type: 'string', pattern: 'N[0-9A-Z]{1,5}', unique: true },
      ],
    }),
  ],
  { error: 'a type, or a mapping such as { type: float64 }' },
)

export const retrySchema = section({
  times: count(0, 100).describe('How often a failed run is tried again.'),
  backoff: duration().optional().describe('Pause before a retry, doubled each time. Default: 30s; of a source 1s.'),
}).meta({ examples: [{ times: 3, backoff: '30s' }] })

export const cronText = () => text('five cron fields, such as "*/15 * * * *"')

export const groupSchema = section({
  description: text().optional().describe('What the rows are.'),
  owner: text().optional().describe('Team or person who answers for this group.'),
  entity: tableName().describe('The entity that a row is about.'),
  transform: z
    .union(
      [
        text('the path of a .sql file'),
        section({
          sql: text('the path of a .sql file').describe('One SELECT that gives the columns the module reads.'),
          module: text('the path of a module').describe(
            'TypeScript or JavaScript whose default export makes rows of rows, in batches.',
          ),
        }).meta({ examples: [{ sql: 'features/texts.sql', module: 'features/texts.ts' }] }),
      ],
      { error: 'the path of a .sql file, or a mapping such as { sql: features/a.sql, module: features/a.ts }' },
    )
    .describe('One SELECT over sources and other groups, relative to the project file.'),
  eventTime: column().optional().describe('Column that says when a row was true. Required unless static.'),
  availableAt: column()
    .optional()
    .describe('Column that says when a row was known. This or availableAfter is required unless static.'),
  availableAfter: duration().optional().describe('Time from the event until a row is known, where no column says so.'),
  deleted: column()
    .optional()
    .describe('Boolean column that is true where the value of the key was deleted: features are null from then on.'),
  static: flag().optional().describe('One value per key and no event time. Default: false.'),
  features: table(column(), featureSchema).describe('Columns of the group and what their values must satisfy.'),
  expect: section({
    rows: list(text('an SQL condition')).optional().describe('SQL conditions that every row must meet.'),
    batch: list(text('an SQL condition')).optional().describe('SQL conditions over a whole batch, with aggregates.'),
  })
    .meta({ examples: [{ rows: ['departures >= 0'], batch: ['count(*) > 0'] }] })
    .optional()
    .describe('Expectations beyond types and ranges.'),
  onInvalid: choice(onInvalidChoices)
    .optional()
    .describe('What happens to rows that break the contract. Default: fail.'),
  onTransformChange: choice(transformPolicies)
    .optional()
    .describe(
      'What an edited transform means under the same schema: the next contract version; ' +
        'new values from now on; or corrections. Default: breaking.',
    ),
  incremental: section({
    column: column().describe('Column of the transform that holds a time, mostly the event time.'),
    lookback: duration().describe('Rows so much older than the newest are computed again, for they may come late.'),
    interval: duration()
      .optional()
      .describe('How much of --from to --to one commit holds. Default: a day; a month where that is more than 31.'),
  })
    .meta({ examples: [{ column: 'departed_at', lookback: '2d', interval: '7d' }] })
    .optional()
    .describe('A run computes only what is new by this column. Default: it goes over all rows.'),
  onMissing: choice(onMissingChoices)
    .optional()
    .describe(
      'What a stored row means that the transform no longer gives, within the event times that it still gives: ' +
        'delete for one that was deleted. Default: keep.',
    ),
  compat: table(contractVersion(), text('the path of a .sql file'))
    .optional()
    .describe('For an older contract version, such as v1: SQL over this group that feeds it until it is retired.'),
  maxAge: duration().optional().describe('Joins and lookups ignore values older than this. Default: none is too old.'),
  maxFuture: duration().optional().describe('Event times further in the future are refused. Default: 5m.'),
  freshness: section({
    warn: duration().describe('Age of the newest row from which status warns.'),
    error: duration().describe('Age of the newest row from which status reports an error.'),
  })
    .meta({ examples: [{ warn: '2h', error: '6h' }] })
    .optional()
    .describe('How old the newest row may be.'),
  schedule: cronText().optional().describe('When `fti run` runs it: five cron fields, UTC. Default: only when asked.'),
  retry: retrySchema.optional().describe('What to do after a failed run. Default: nothing.'),
}).meta({
  examples: [
    {
      description: 'Departures from one airport',
      owner: 'data-team',
      entity: 'airport',
      transform: 'features/departures.sql',
      eventTime: 'departed_at',
      availableAt: 'departed_at',
      deleted: 'is_deleted',
      features: { delay: 'float64' },
      onInvalid: 'quarantine',
      onTransformChange: 'restate',
      onMissing: 'delete',
      compat: { v1: 'features/departures_v1.sql' },
      maxAge: '6h',
      maxFuture: '10m',
      schedule: '*/15 * * * *',
    },
    {
      entity: 'airport',
      transform: 'features/departures.sql',
      eventTime: 'departed_at',
      availableAfter: '1h',
      features: { delay: 'float64' },
    },
    { entity: 'aircraft', transform: 'features/aircraft.sql', static: true, features: { seats: 'int32' } },
  ],
})

export type AggregateYaml = z.output<typeof aggregateSchema>
export type EntityYaml = z.output<typeof entitySchema>
export type FeatureYaml = z.output<typeof featureSchema>
export type GroupYaml = z.output<typeof groupSchema>
export type RetryYaml = z.output<typeof retrySchema>
