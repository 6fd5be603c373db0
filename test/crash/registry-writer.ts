import { writeSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { moveTag, openDraft, rollbackTag } from '../../src/registry/index.ts'

// Registers, promotes and rolls back for ever, and says what is done as soon as it is; to be killed at any moment.
const [root = ''] = process.argv.slice(2)
const say = (line: string) => writeSync(1, `${line}\n`)
const by = () => ({ by: `pid ${process.pid}`, now: new Date() })
say('ready')
for (;;) {
  const draft = await openDraft(root, 'late')
  await writeFile(join(draft.path, 'weights.bin'), Buffer.alloc(2000, process.pid))
  await writeFile(join(draft.path, 'model.json'), '{}')
  const { version, entry } = await draft.register({ ...by(), summary: { pid: process.pid } })
  say(`${entry.entry} registration ${version}`)
  const promoted = await moveTag(root, 'late', { ...by(), tag: 'champion', to: version })
  say(`${promoted.entry} promotion ${promoted.version}`)
  if (version % 3 !== 0) continue
  const back = await rollbackTag(root, 'late', { ...by(), tag: 'champion' })
  say(`${back.entry} rollback ${back.version}`)
}
