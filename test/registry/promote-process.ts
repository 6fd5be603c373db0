import { setTimeout as sleep } from 'node:timers/promises'
import { moveTag, rollbackTag } from '../../src/registry/index.ts'

// Arguments: root, start (epoch ms), versions to promote in turn; 0 rolls back. Prints the entries it made.
const [root = '', start = '0', ...versions] = process.argv.slice(2)
await sleep(Number(start) - Date.now())
const made: number[] = []
for (const version of versions.map(Number)) {
  const by = { by: `pid ${process.pid}`, now: new Date(), tag: 'champion' }
  try {
    const entry =
      version > 0 ? await moveTag(root, 'late', { ...by, to: version }) : await rollbackTag(root, 'late', by)
    // A tag that is there already stays, and the entry that put it there is returned: perhaps this process's own.
    if (entry.by === by.by && !made.includes(entry.entry)) made.push(entry.entry)
  } catch (error) {
    // A rollback may find that another process moved the tag, or that nothing is left to go back to.
    if (!['FTI_REGISTRY_CONFLICT', 'FTI_NOTHING_TO_ROLL_BACK'].includes((error as { code: string }).code)) throw error
  }
}
process.stdout.write(JSON.stringify(made))
