// Entry of a child process that tries one tensor backend; started by detect-backends.ts alone.
import { type BackendName, loadBackend } from './backend.ts'

/** Null when the backend multiplied two matrices rightly, else why it did not. */
export interface BackendReply {
  readonly why: string | null
}

const name = process.argv[2] as BackendName
process.send?.({ why: await tryBackend() } satisfies BackendReply, () => process.disconnect())

async function tryBackend(): Promise<string | null> {
  try {
    const { tf } = await loadBackend([name])
    const [value] = tf.matMul(tf.tensor2d([2, 3], [1, 2]), tf.tensor2d([5, 7], [2, 1])).dataSync<'float32'>()
    return value === 31 ? null : `it computes ${value} for 2 x 5 + 3 x 7`
  } catch (error) {
    const { message, detail } = error as { message?: string; detail?: string }
    return detail ?? message ?? String(error)
  }
}
