import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { journalHead, moveTag, readJournal, verifyRegistry } from '../../src/registry/index.ts'
import { bundleScript, runScript } from '../script.ts'
import { now, registryWith, who } from './fixture.ts'

test('16 processes that promote and roll back at once leave one history, which tag, head and file agree with', async () => {
  const root = await registryWith(4)
  await moveTag(root, 'late', { ...who, tag: 'champion', to: 1 })
  const script = await bundleScript(new URL('./promote-process.ts', import.meta.url))
  const start = String(Date.now() + 1500)
  const orders = Array.from({ length: 16 }, (_, k) => [2, 3, 0, 4, 1].map((v, i) => (v + (i === 2 ? 0 : k)) % 5))
  const made = await Promise.all(orders.map((order) => runScript(script, root, start, ...order.map(String))))

  const journal = await readJournal(root, 'late')
  const entries = made.flatMap((text) => JSON.parse(text) as number[])
  expect(new Set(entries).size).toBe(entries.length)
  expect(entries.length).toBe(journal.length - 5)
  // How many depends on who meets whom: a promotion to what is there already, or a lost roll back, makes no entry.
  expect(entries.length).toBeGreaterThan(4)
  let champion: number | null = null
  for (const entry of journal.filter((each) => each.tag === 'champion')) {
    expect(entry.from).toBe(champion)
    champion = entry.version
  }
  expect((await journalHead(root, 'late')).tags).toEqual({ champion })
  expect(await readFile(join(root, 'late/tags/champion'), 'utf8')).toBe(`${champion}\n`)
  expect(await verifyRegistry(root)).toEqual([])
})

test('of many that expect the same version exactly one moves the tag', async () => {
  const root = await registryWith(5)
  await moveTag(root, 'late', { ...who, tag: 'champion', to: 1 })
  const results = await Promise.allSettled(
    [2, 3, 4, 5].map((to) => moveTag(root, 'late', { tag: 'champion', to, expect: 1, by: 'bo', now })),
  )
  expect(results.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
  for (const each of results) {
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'FTI_REGISTRY_CONFLICT', exit: 4 })
  }
})
