import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { moveTag, openDraft, rollbackTag } from '../../src/registry/index.ts'
import { killAtCall } from './kill-at.ts'

// Arguments: root, step, number of the call to die at (0: never). Prints how many calls the step made.
const [root = '', step = '', killAt = '0'] = process.argv.slice(2)
const calls = await killAtCall(Number(killAt))
const champion = { by: 'ana', now: new Date(), tag: 'champion' }
if (step === 'promotion') await moveTag(root, 'late', { ...champion, to: 3 })
else if (step === 'rollback') await rollbackTag(root, 'late', champion)
else {
  const draft = await openDraft(root, 'late')
  await writeFile(join(draft.path, 'weights.bin'), 'w')
  await writeFile(join(draft.path, 'model.json'), '{}')
  await draft.register({ ...champion, summary: null })
}
process.stdout.write(String(calls()))
