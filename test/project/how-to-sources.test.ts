import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sourceTypes } from '../../src/contract/index.ts'
import { load } from './project-folder.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/how-to/sources.md'), 'utf8')
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml)

test('every example of the page about sources is a project file, and every kind has one', async () => {
  const env = { API_TOKEN: 'x', BOOKINGS_PASSWORD: 'y' }
  const kinds: string[] = []
  for (const yaml of examples) {
    const { sources } = await load(`project: p\n${yaml}`, { env })
    kinds.push(...[...sources.values()].map(({ type }) => type))
  }
  const files = ['csv', 'json', 'ndjson', 'parquet']
  expect(kinds.sort()).toEqual(sourceTypes.filter((type) => !files.includes(type)).sort())
})

test('the page names every kind in its table', () => {
  for (const type of sourceTypes) expect(page).toContain(`\`${type}\``)
})
