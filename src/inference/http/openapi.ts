import type { Signature, ValueType } from '../../contract/index.ts'
import { groupLabel } from '../../scoring/index.ts'
import { type InstanceField, instanceFields } from './instance-check.ts'

/** OpenAPI 3.1 of a service, from the signature of the version that serves now. */
export function openApiDocument(service: string, model: string, signature: Signature, maxInstances: number): object {
  return {
    openapi: '3.1.0',
    info: { title: `${service}, served by fti`, version: model },
    paths: {
      [`/v1/services/${service}/predict`]: {
        post: {
          summary: `Predictions of ${model} for entity keys and request columns`,
          requestBody: {
            required: true,
            content: { 'application/json': { schema: requestSchema(signature, maxInstances) } },
          },
          responses: responses(signature),
        },
      },
      '/health/live': { get: { summary: 'The process answers', responses: { 200: { description: 'Alive' } } } },
      '/health/ready': {
        get: {
          summary: 'A model is loaded; `degraded` names what is wrong meanwhile',
          responses: { 200: { description: 'Ready' } },
        },
      },
      '/metrics': { get: { summary: 'Prometheus metrics', responses: { 200: { description: 'Text exposition' } } } },
    },
    components: { schemas: { Error: errorSchema } },
  }
}

function requestSchema(signature: Signature, maxInstances: number): object {
  const fields = instanceFields(signature)
  return {
    type: 'object',
    additionalProperties: false,
    required: ['instances'],
    properties: {
      instances: {
        type: 'array',
        minItems: 1,
        maxItems: maxInstances,
        items: {
          type: 'object',
          additionalProperties: false,
          required: fields.map(({ name }) => name),
          properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
        },
      },
    },
  }
}

const typeSchemas: Readonly<Record<ValueType, object>> = {
  string: { type: ['string', 'null'], maxLength: 4096 },
  boolean: { type: ['boolean', 'null'] },
  int32: { type: ['integer', 'null'], format: 'int32' },
  int64: { type: ['integer', 'string', 'null'], format: 'int64', description: 'Beyond 2^53 as a string of digits' },
  float32: { type: ['number', 'null'], format: 'float' },
  float64: { type: ['number', 'null'], format: 'double' },
  timestamp: { type: ['string', 'null'], format: 'date-time' },
  date: { type: ['string', 'null'], format: 'date' },
}

function fieldSchema({ type, range, oneOf, isKey }: InstanceField): object {
  const [minimum, maximum] = range ?? []
  return {
    ...typeSchemas[type],
    ...(isKey ? { title: 'Entity key' } : {}),
    ...(typeof minimum === 'number' ? { minimum } : {}),
    ...(typeof maximum === 'number' ? { maximum } : {}),
    ...(oneOf ? { enum: [...oneOf, null] } : {}),
  }
}

const errorSchema = {
  type: 'object',
  required: ['error', 'requestId'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'remedy'],
      properties: {
        code: { type: 'string', description: 'FTI_…' },
        message: { type: 'string' },
        remedy: { type: 'string' },
        path: { type: 'string', description: 'JSON path of what was refused' },
        rule: { type: 'string', description: 'The rule that it broke' },
      },
    },
    requestId: { type: 'string' },
  },
} as const

function responses(signature: Signature): object {
  const error = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  })
  const labels = signature.groups.map(groupLabel)
  const prediction = {
    type: 'object',
    properties: {
      [signature.output.name]: { type: 'number' },
      ages: {
        type: 'object',
        description: 'Milliseconds from the event time of the features to the clock; null when static or imputed',
        properties: Object.fromEntries(labels.map((label) => [label, { type: ['number', 'null'] }])),
      },
      warnings: { type: 'array', items: { type: 'object' } },
    },
  }
  const reply = {
    type: 'object',
    properties: {
      predictions: { type: 'array', items: prediction },
      model: { type: 'string' },
      requestId: { type: 'string' },
      now: { type: 'string', description: 'The replay moment, when the clock stands still' },
    },
  }
  return {
    200: {
      description: 'One prediction for each instance, in order',
      content: { 'application/json': { schema: reply } },
    },
    400: error('The request does not fit the model'),
    404: error('No such service; or an entity is unknown and the service refuses those'),
    413: error('The body or the number of instances is over the limit'),
    415: error('The body is not application/json'),
    503: error('Too many requests in flight; or the online store does not answer and the service refuses then'),
  }
}
