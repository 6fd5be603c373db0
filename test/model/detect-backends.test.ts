import { expect, test } from 'vitest'
import { backendsFor, loadBackend } from '../../src/model/backend.ts'
import { detectBackends } from '../../src/model/index.ts'

test('tells of each backend whether it works here, its version, and why not', async () => {
  const reports = await detectBackends()
  expect(reports.map(({ name }) => name)).toEqual(['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'])
  for (const name of ['wasm', 'cpu']) {
    expect(reports).toContainEqual({ name, available: true, version: '4.22.0', why: null })
  }
  for (const { available, why } of reports) expect(available).toBe(why === null)
})

test('a small network is trained on wasm, and what is asked for is never replaced', () => {
  expect(backendsFor('auto', 12_000)).toEqual(['wasm', 'cpu'])
  expect(backendsFor('cpu', 12_000)).toEqual(['cpu'])
  expect(backendsFor('tfjs-node', 1)).toEqual(['tfjs-node'])
})

test('loading a backend leaves the fate of errors to the program', async () => {
  const count = () => process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection')
  const before = count()
  expect((await loadBackend(['wasm'])).backend).toBe('wasm')
  expect(count()).toBe(before)
})
