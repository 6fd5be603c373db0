import { expect, test } from 'vitest'
import { type ExitCode, errorCatalogue, FtiError } from '../../src/base/index.ts'
import { withRetry } from '../../src/runs/index.ts'

function failure(exit: ExitCode): FtiError {
  return new FtiError(errorCatalogue({ FTI_X: [exit, 'Means x.'] }).FTI_X, { message: 'x', remedy: 'y' })
}

/** Fails `count` times, then says at which attempt it worked. */
function failing(count: number, error: unknown = failure(6)) {
  return async (attempt: number) => {
    if (attempt <= count) throw error
    return attempt
  }
}

test('work that fails for a while is repeated until it works', async () => {
  const waits: number[] = []
  const policy = { times: 3, backoffMs: 4, onRetry: ({ waitMs }: { waitMs: number }) => waits.push(waitMs) }
  expect(await withRetry(policy, failing(3))).toBe(4)
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(2 * 2 ** index)
    expect(wait).toBeLessThanOrEqual(6 * 2 ** index)
  }
})

test('after the last repetition the last error is thrown', async () => {
  await expect(withRetry({ times: 2, backoffMs: 1 }, failing(3))).rejects.toMatchObject({ code: 'FTI_X' })
  await expect(withRetry({ times: 0, backoffMs: 1 }, failing(1))).rejects.toMatchObject({ code: 'FTI_X' })
})

test('what waiting does not cure is not repeated', async () => {
  const errors = [failure(2), failure(3), failure(5), failure(130), new TypeError('bug')]
  for (const error of errors) await expect(withRetry({ times: 3, backoffMs: 1 }, failing(1, error))).rejects.toBe(error)
})

test('a wait ends when the user cancels', async () => {
  const signal = AbortSignal.timeout(50)
  const attempt = withRetry({ times: 3, backoffMs: 60_000 }, failing(1), signal)
  await expect(attempt).rejects.toMatchObject({ code: 'FTI_INTERRUPTED' })
})
