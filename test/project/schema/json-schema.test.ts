import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { projectJsonSchema } from '../../../src/project/index.ts'
import { edited, reference } from '../project-folder.ts'

const validator = validatorOfSchema()

async function validatorOfSchema(): Promise<(text: string) => boolean> {
  const validate = new Ajv({ strict: true, allowUnionTypes: true, strictTuples: false }).compile(
    await projectJsonSchema(),
  )
  return (text) => validate(parse(text)) as boolean
}

test('the schema for editors accepts the reference project', async () => {
  const accepts = await validator
  expect(accepts(reference)).toBe(true)
})

test.each([
  ['an unknown key', 'store: store', 'stoer: store'],
  ['a missing key', '    entity: airport\n', ''],
  ['a wrong word', 'onInvalid: quarantine', 'onInvalid: maybe'],
  ['a duration without a unit', 'maxAge: 6h', 'maxAge: 6'],
  ['an unsafe name', '  planes:', '  Pl-anes:'],
])('it refuses %s, as the loader does', async (_what, piece, replacement) => {
  const accepts = await validator
  expect(accepts(edited(piece, replacement))).toBe(false)
})

test('it accepts an environment variable where a number stands', async () => {
  const accepts = await validator
  expect(accepts(edited('port: 8080', `port: \${env:PORT}`))).toBe(true)
})

test('every key has a description for the editor', async () => {
  const bare: string[] = []
  const visit = (schema: unknown, path: string): void => {
    if (schema === null || typeof schema !== 'object') return
    for (const [key, member] of Object.entries(schema)) {
      if (key !== 'properties') visit(member, `${path}/${key}`)
      else {
        for (const [name, property] of Object.entries(member as Record<string, { description?: string }>)) {
          if (property.description === undefined) bare.push(`${path}/${name}`)
          visit(property, `${path}/${name}`)
        }
      }
    }
  }
  visit(await projectJsonSchema(), '')
  expect(bare).toEqual([])
})
