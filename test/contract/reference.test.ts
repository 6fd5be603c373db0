import { expect, test } from 'vitest'
import { parseSnapshotSelector, parseVersionSelector, valueTypes, widens } from '../../src/contract/index.ts'

test.each([
  ['delays', { kind: 'latest' }],
  ['delays@17', { kind: 'snapshot', snapshot: 17 }],
  ['delays@{2026-05-01T00:00Z}', { kind: 'time', time: new Date('2026-05-01T00:00:00Z') }],
  ['delays@{2026-05-01}', { kind: 'time', time: new Date('2026-05-01T00:00:00Z') }],
])('%s names a snapshot', (text, at) => {
  expect(parseSnapshotSelector(text)).toEqual({ group: 'delays', at })
})

test.each([
  ['late', { kind: 'tag', tag: 'champion' }],
  ['late@champion', { kind: 'tag', tag: 'champion' }],
  ['late@3', { kind: 'version', version: 3 }],
])('%s names a version', (text, at) => {
  expect(parseVersionSelector(text)).toEqual({ model: 'late', at })
})

test.each([
  ['delays@x', 'FTI_REFERENCE_INVALID'],
  ['delays@1@2', 'FTI_REFERENCE_INVALID'],
  ['delays@{}', 'FTI_REFERENCE_INVALID'],
  ['delays@', 'FTI_REFERENCE_INVALID'],
  ['delays@{2026-05-01T00:00}', 'FTI_TIME_INVALID'],
  ['../delays', 'FTI_NAME_UNSAFE'],
  ['', 'FTI_NAME_UNSAFE'],
])('%j is no snapshot', (text, code) => {
  expect(() => parseSnapshotSelector(text)).toThrow(expect.objectContaining({ code, exit: 2 }))
})

test.each([
  ['late@1@2', 'FTI_REFERENCE_INVALID'],
  ['late@', 'FTI_NAME_UNSAFE'],
  ['late@../x', 'FTI_NAME_UNSAFE'],
  ['@champion', 'FTI_NAME_UNSAFE'],
])('%j is no version', (text, code) => {
  expect(() => parseVersionSelector(text)).toThrow(expect.objectContaining({ code, exit: 2 }))
})

test('a type widens to itself and to what holds all its values', () => {
  const wider = valueTypes.flatMap((from) =>
    valueTypes.filter((to) => from !== to && widens(from, to)).map((to) => `${from} -> ${to}`),
  )
  expect(wider).toEqual(['int32 -> int64', 'int32 -> float64', 'int64 -> float64', 'float32 -> float64'])
  for (const type of valueTypes) expect(widens(type, type)).toBe(true)
})
