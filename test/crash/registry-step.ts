import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { moveTag, openDraft, rollbackTag } from '../../src/registry/index.ts'
import { stopAtCall } from './stop-at-call.ts'

// Arguments: root, step, number of the call to stop at (0: never), signal, the call to count.
// Prints how many calls the step made.
const [root = '', step = '', at = '0', signal = 'SIGKILL', call] = process.argv.slice(2)
const calls = await stopAtCall({ at: Number(at), signal: signal as 'SIGKILL' | 'SIGSTOP', call })
const champion = { by: 'ana', now: new Date(), tag: 'champion' }
if (step === 'promotion') await moveTag(root, 'late', { ...champion, to: 3 })
else if (step === 'expecting') await moveTag(root, 'late', { ...champion, to: 3, expect: 2 })
else if (step === 'rollback') await rollbackTag(root, 'late', champion)
else {
  const draft = await openDraft(root, 'late')
  await writeFile(join(draft.path, 'weights.bin'), 'w')
  await writeFile(join(draft.path, 'model.json'), '{}')
  await draft.register({ ...champion, summary: null })
}
process.stdout.write(String(calls()))
