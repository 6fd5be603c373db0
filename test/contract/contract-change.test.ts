import { expect, test } from 'vitest'
import { type Contract, classOf, compareContracts, type Feature } from '../../src/contract/index.ts'

const delay: Feature = { name: 'delay', type: 'float64', unit: 'min', nullable: true, range: [-60, 1500] }
const count: Feature = { name: 'count', type: 'int32', nullable: false }
const published: Contract = {
  group: 'airport',
  entity: { name: 'airport', key: { origin: 'string', terminal: 'int32' } },
  isStatic: false,
  eventTime: 'at',
  availability: { kind: 'after', lagMs: 1000 },
  features: [delay, count],
  expectations: { rows: [], batch: [] },
  maxAgeMs: 3_600_000,
}
const withFeature = (change: Partial<Feature>): Contract => ({
  ...published,
  features: [{ ...delay, ...change }, count],
})
const withMore = (...more: Feature[]): Contract => ({ ...published, features: [...published.features, ...more] })

test('the same contract has no changes, whatever the order of its features and members', () => {
  const { features, ...rest } = published
  expect(compareContracts(published, { features: features.toReversed(), ...rest })).toEqual([])
  expect(compareContracts(published, JSON.parse(JSON.stringify(published)))).toEqual([])
})

const compatible: [what: string, declared: Contract, subject: string][] = [
  ['a new feature that may be null', withMore({ name: 'rain', type: 'float64', nullable: true }), 'rain'],
  ['a wider range', withFeature({ range: [-60, null] }), 'delay'],
  ['no range any more', withFeature({ range: undefined }), 'delay'],
  ['another description', withFeature({ description: 'minutes' }), 'delay'],
  ['another owner', { ...published, owner: 'data-team' }, 'owner'],
  ['another maxAge', { ...published, maxAgeMs: undefined }, 'maxAge'],
  ['another expectation', { ...published, expectations: { rows: ['delay < 9'], batch: [] } }, 'expectations'],
]

test.each(compatible)('%s is compatible', (_what, declared, subject) => {
  const changes = compareContracts(published, declared)
  expect(changes).toMatchObject([{ class: 'compatible', subject, what: expect.any(String) }])
  expect(classOf(changes)).toBe('compatible')
})

const breaking: [what: string, declared: Contract, subject: string][] = [
  ['a feature that is gone', { ...published, features: [delay] }, 'count'],
  ['a new feature that is never null', withMore({ name: 'rain', type: 'float64', nullable: false }), 'rain'],
  ['another type', withFeature({ type: 'int32' }), 'delay'],
  ['another unit', withFeature({ unit: 'h' }), 'delay'],
  ['a narrower range', withFeature({ range: [0, 1500] }), 'delay'],
  ['a range where there was none', { ...published, features: [delay, { ...count, range: [0, 9] }] }, 'count'],
  ['a promise never to be null', withFeature({ nullable: false }), 'delay'],
  ['values that may be null from now on', { ...published, features: [delay, { ...count, nullable: true }] }, 'count'],
  ['another key', { ...published, entity: { name: 'airport', key: { origin: 'string' } } }, 'entity key'],
  [
    'the same key in another order',
    { ...published, entity: { name: 'airport', key: { terminal: 'int32', origin: 'string' } } },
    'entity key',
  ],
  ['another event time', { ...published, eventTime: 'departed_at' }, 'event time'],
  ['another availability', { ...published, availability: { kind: 'column', column: 'at' } }, 'availability'],
]

test.each(breaking)('%s is breaking', (_what, declared, subject) => {
  const changes = compareContracts(published, declared)
  expect(changes).toEqual([{ class: 'breaking', subject, what: expect.any(String) }])
  expect(classOf(changes)).toBe('breaking')
})

const carrier: Feature = { name: 'carrier', type: 'string', nullable: true, oneOf: ['AA', 'UA'], pattern: '[A-Z]{2}' }
const withCarrier = (change: Partial<Feature>): Contract => ({ ...published, features: [{ ...carrier, ...change }] })

const choices: [what: string, change: Partial<Feature>, changeClass: 'compatible' | 'breaking'][] = [
  ['more allowed values', { oneOf: ['UA', 'AA', 'B6'] }, 'compatible'],
  ['the same allowed values in another order', { oneOf: ['UA', 'AA'] }, 'compatible'],
  ['any value allowed', { oneOf: undefined }, 'compatible'],
  ['fewer allowed values', { oneOf: ['AA'] }, 'breaking'],
  ['one allowed value for another', { oneOf: ['AA', 'B6'] }, 'breaking'],
  ['no pattern any more', { pattern: undefined }, 'compatible'],
  ['another pattern', { pattern: '[A-Z0-9]{2}' }, 'breaking'],
]

test.each(choices)('%s: whether stored rows still pass decides the class', (_what, change, changeClass) => {
  const [found] = compareContracts(withCarrier({}), withCarrier(change))
  expect(found?.class).toBe(changeClass)
})

test.each([{ oneOf: ['AA'] }, { pattern: '[A-Z]{2}' }])('%o where there was none is breaking', (change) => {
  const bare = withCarrier({ oneOf: undefined, pattern: undefined })
  expect(
    classOf(
      compareContracts(bare, { ...bare, features: [{ ...carrier, oneOf: undefined, pattern: undefined, ...change }] }),
    ),
  ).toBe('breaking')
})

test('a rename is one change, and only where the old name is gone', () => {
  const wait: Feature = { ...delay, name: 'wait', renamedFrom: 'delay' }
  expect(compareContracts(published, { ...published, features: [wait, count] })).toEqual([
    { class: 'breaking', subject: 'wait', what: 'renamed from delay' },
  ])
  expect(compareContracts(published, withMore(wait))).toEqual([
    { class: 'compatible', subject: 'wait', what: 'new, nullable' },
  ])
})

test('one breaking change among compatible ones makes the whole breaking', () => {
  const changes = compareContracts(published, { ...withFeature({ unit: 'h' }), owner: 'x' })
  expect([changes.length, classOf(changes)]).toEqual([2, 'breaking'])
})
