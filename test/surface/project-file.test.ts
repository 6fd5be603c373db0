import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { projectFilePage, projectShape, sectionsOf } from '../../scripts/project-file.ts'
import { projectSchema } from '../../src/project/schema/project-schema.ts'

const sections = sectionsOf(projectShape())

test('the reference page is the one that the schema makes; after a change run `npm run docs`', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/project-file.md'), 'utf8')
  expect(page).toBe(projectFilePage())
})

test('every key has an example, but for those whose mapping has examples of its own', () => {
  const bare = sections.flatMap(({ paths: [path], shape: { properties = {}, examples = [] } }) =>
    Object.entries(properties)
      .filter(([key, member]) => !examples.some((each) => key in each) && !leadsToSection(member))
      .map(([key]) => `${path}.${key}`),
  )
  expect(bare).toEqual([])
})

function leadsToSection(member: unknown): boolean {
  return JSON.stringify(member).includes('"properties"')
}

test('every example is taken by the schema that it stands at', () => {
  const refused: unknown[] = []
  let seen = 0
  z.toJSONSchema(projectSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      for (const example of jsonSchema.examples ?? []) {
        seen++
        const { success, error } = z.safeParse(zodSchema, example)
        if (!success) refused.push({ example, issues: error.issues })
      }
    },
  })
  expect(refused).toEqual([])
  expect(seen).toBeGreaterThanOrEqual(sections.length)
})
