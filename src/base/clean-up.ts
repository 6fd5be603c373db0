/**
 * Runs `work` and then `cleanUp`, whatever happens. Where both fail, the error of the work is the one to see: that a full disk
 * also would not let a lock be read says nothing new, and would hide what was.
 */
export async function withCleanUp<T>(work: () => Promise<T>, cleanUp: () => unknown): Promise<T> {
  let result: T
  try {
    result = await work()
  } catch (error) {
    try {
      await cleanUp()
    } catch {
      // What is left over, the next run removes.
    }
    throw error
  }
  await cleanUp()
  return result
}
