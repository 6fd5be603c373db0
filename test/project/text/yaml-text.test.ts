import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { yamlText } from '../../../src/project/index.ts'

test('generated YAML reads back equal under YAML 1.1 and 1.2', async () => {
  const value = { on: { push: {} }, run: 'no', at: '12:30', long: 'x '.repeat(80), list: ['yes', 'a: b', '# c'] }
  const text = await yamlText(value)
  expect(parse(text, { version: '1.1' })).toEqual(value)
  expect(parse(text, { version: '1.2' })).toEqual(value)
})
