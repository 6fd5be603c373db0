import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { journalHead, moveTag, readJournal, verifyRegistry } from '../../src/registry/index.ts'
import { registryWith, who } from '../registry/fixture.ts'
import { bundleScript } from '../script.ts'

test('a writer that was frozen just before it decides, while others went on, loses when it expected something', async () => {
  const { root, code } = await promoteWhileFrozen('expecting')
  expect(code).not.toBe(0)
  expect((await journalHead(root, 'late')).tags).toEqual({ champion: 1 })
  expect(await verifyRegistry(root)).toEqual([])
})

test('a writer that was frozen, its staged file cleaned away, follows those who went on and says whom it replaced', async () => {
  const { root, code } = await promoteWhileFrozen('promotion')
  expect(code).toBe(0)
  expect((await readJournal(root, 'late')).slice(-2)).toMatchObject([
    { version: 1, from: 2 },
    { version: 3, from: 1 },
  ])
  expect(await verifyRegistry(root)).toEqual([])
})

/** Champion is 2; a process that promotes 3 is frozen before its link, champion becomes 1, the process goes on. */
async function promoteWhileFrozen(step: string): Promise<{ root: string; code: number | null }> {
  const script = await bundleScript(new URL('./registry-step.ts', import.meta.url))
  const root = await registryWith(3)
  for (const to of [1, 2]) await moveTag(root, 'late', { ...who, tag: 'champion', to })
  const writer = spawn(process.execPath, [script, root, step, '1', 'SIGSTOP', 'link'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(writer.stdout, 'data')
  await sleep(100)
  await moveTag(root, 'late', { ...who, tag: 'champion', to: 1 })
  const journal = join(root, 'late/journal')
  const staged = (await readdir(journal)).filter((name) => name.startsWith('.staging-'))
  expect(staged).toHaveLength(1)
  for (const name of staged) await rm(join(journal, name))
  writer.kill('SIGCONT')
  const [code] = (await once(writer, 'close')) as [number | null]
  return { root, code }
}
