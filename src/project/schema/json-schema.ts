type JsonSchema = { [key: string]: unknown }

/**
 * JSON Schema (draft 7, which editors read best) of the project file, made from the schema that checks it.
 * Numbers, booleans and choices also allow `${env:NAME}`, as the loader does.
 */
export async function projectJsonSchema(): Promise<object> {
  const [{ z }, { projectSchema }] = await Promise.all([import('zod'), import('./project-schema.ts')])
  const schema = z.toJSONSchema(projectSchema, { io: 'input', target: 'draft-7' }) as JsonSchema
  return {
    ...(allowEnvironment(schema) as JsonSchema),
    title: 'fti project file',
    definitions: { env: { type: 'string', pattern: '\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}' } },
  }
}

function allowEnvironment(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(allowEnvironment)
  if (schema === null || typeof schema !== 'object') return schema
  const copy: JsonSchema = {}
  for (const [key, member] of Object.entries(schema))
    copy[key] = key === 'propertyNames' || key === 'examples' ? member : allowEnvironment(member)
  if (!isRestrictedScalar(copy)) return copy
  const { description, ...rest } = copy
  return { ...(description === undefined ? {} : { description }), anyOf: [rest, { $ref: '#/definitions/env' }] }
}

function isRestrictedScalar({ type, pattern, enum: choices }: JsonSchema): boolean {
  return (
    type === 'integer' ||
    type === 'number' ||
    type === 'boolean' ||
    (type === 'string' && (pattern !== undefined || choices !== undefined))
  )
}
