import { expect, test } from 'vitest'
import { withCleanUp } from '../../src/base/index.ts'

const fail = (what: string) => async () => {
  throw new Error(what)
}

test('what has been done is cleaned up, and its result comes back', async () => {
  const done: string[] = []
  expect(
    await withCleanUp(
      async () => done.push('work'),
      () => done.push('clean'),
    ),
  ).toBe(1)
  expect(done).toEqual(['work', 'clean'])
})

test('the first error is the one to see, also where the cleaning fails too', async () => {
  await expect(withCleanUp(fail('first'), fail('second'))).rejects.toThrow('first')
})

test('a cleaning that fails alone is an error', async () => {
  await expect(withCleanUp(async () => 1, fail('second'))).rejects.toThrow('second')
})
