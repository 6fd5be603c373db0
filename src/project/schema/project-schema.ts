// Reached only by dynamic import (see word-schema.ts).
import type { z } from 'zod'
import { entitySchema, groupSchema } from './group-schema.ts'
import { modelSchema } from './model-schema.ts'
import { onlineSchema } from './online-schema.ts'
import { sourceSchema } from './source-schema.ts'
import { choice, count, duration, safeNameText, section, table, tableName, text } from './word-schema.ts'

const serviceSchema = section({
  description: text().optional().describe('Who calls it, and for what.'),
  owner: text().optional().describe('Team or person who answers for this service.'),
  model: safeNameText().describe('Model of this project that answers.'),
  tag: safeNameText().optional().describe('Tag whose version answers. Default: champion.'),
  onUnknownEntity: choice(['impute', 'refuse'])
    .optional()
    .describe(
      'Answer for an entity that was never seen: impute its features and warn, or refuse with 404. Default: impute.',
    ),
  onUnavailableFeatures: choice(['impute', 'refuse'])
    .optional()
    .describe(
      'Answer when the online store does not answer within its budget: impute the features and warn, or refuse with 503. Default: impute.',
    ),
  port: count(0, 65535).optional().describe('TCP port; 0 takes a free one. Default: 8080.'),
  objective: section({ p99: duration().describe('Latency that 99 of 100 requests stay below.') })
    .meta({ examples: [{ p99: '50ms' }] })
    .optional()
    .describe('What callers may expect.'),
}).meta({
  examples: [
    {
      description: 'Asked by the gate displays',
      owner: 'ml-team',
      model: 'late_departure',
      tag: 'champion',
      onUnknownEntity: 'refuse',
      onUnavailableFeatures: 'impute',
      port: 8080,
      objective: { p99: '50ms' },
    },
  ],
})

/** The whole project file. The JSON Schema for editors is made from this, with these descriptions. */
export const projectSchema = section({
  project: safeNameText().describe('Name of the project.'),
  store: text('a path').optional().describe('Feature store: a directory of Delta tables. Default: store.'),
  registry: text('a path').optional().describe('Model registry: a directory. Default: registry.'),
  online: onlineSchema
    .optional()
    .describe(
      'Online store: a directory on a local disk (LMDB, one host), or a redis:// or postgres:// URL. Default: .fti/online.',
    ),
  sources: table(tableName(), sourceSchema).optional().describe('Where raw data comes from.'),
  entities: table(tableName(), entitySchema).optional().describe('The things that rows are about.'),
  featureGroups: table(tableName(), groupSchema)
    .optional()
    .describe('Written tables: what feature pipelines commit to.'),
  models: table(safeNameText(), modelSchema).optional().describe('What is trained, from which features.'),
  services: table(safeNameText(), serviceSchema).optional().describe('Online endpoints.'),
}).meta({ examples: [{ project: 'flights', store: 'store', registry: 'registry', online: '.fti/online' }] })

export type ProjectYaml = z.output<typeof projectSchema>
