import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  listVersions,
  moveTag,
  openDraft,
  readJournal,
  refreshTags,
  tagHistory,
  verifyRegistry,
} from '../../src/registry/index.ts'
import { register, registryWith, who } from '../registry/fixture.ts'
import { bundleScript } from '../script.ts'
import { seeded } from './seeded.ts'

/** Short in the suite; the long form sweeps more moments. */
const kills = process.env['FTI_LONG'] ? 50 : 5

test(`a registry whose writer is killed at any of ${kills} moments is before or after, never between, and goes on`, async () => {
  const script = await bundleScript(new URL('./registry-writer.ts', import.meta.url))
  const root = await registryWith(2)
  for (const to of [1, 2]) await moveTag(root, 'late', { ...who, tag: 'champion', to })
  const random = seeded()
  for (let kill = 0; kill < kills; kill++) {
    const known = await readJournal(root, 'late')
    const acknowledged = await killedAfter(script, root, random() * 120)
    const journal = await readJournal(root, 'late')
    expect(journal.slice(0, known.length)).toEqual(known)
    for (const line of acknowledged) {
      const [entry, kind, version] = line.split(' ')
      expect(journal[Number(entry) - 1]).toMatchObject({ kind, version: Number(version) })
    }
    // What was done but not yet said is at most one step.
    expect(journal.length - known.length - acknowledged.length).toBeOneOf([0, 1])
    expect((await verifyRegistry(root)).filter((finding) => finding.severity === 'corrupt')).toEqual([])
    await (await openDraft(root, 'late')).discard()
    await refreshTags(root, 'late')
  }
  const used = (await listVersions(root, 'late')).map((each) => each.version)
  expect(await register(root)).toBeGreaterThan(Math.max(...used))
  expect(await verifyRegistry(root)).toEqual([])
  const champion = tagHistory(await readJournal(root, 'late'), 'champion')[0]
  expect(await readFile(join(root, 'late/tags/champion'), 'utf8')).toBe(`${champion}\n`)
  await expectNoOldDrafts(root)
}, 300_000)

/** Starts the writer, kills it so long after it is ready, and returns what it said it had done. */
async function killedAfter(script: string, root: string, delayMs: number): Promise<string[]> {
  const writer = spawn(process.execPath, [script, root], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const closed = once(writer, 'close')
  await once(writer.stdout, 'data')
  await sleep(delayMs)
  writer.kill('SIGKILL')
  const [, signal] = await closed
  expect(signal).toBe('SIGKILL')
  return said.trim().split('\n').slice(1)
}

/** A draft that had said whose it is goes at once; one that was killed in its first moment after a minute, as it may be anybody's. */
async function expectNoOldDrafts(root: string): Promise<void> {
  const folder = join(root, 'late/versions')
  const drafts = (await readdir(folder)).filter((name) => name.startsWith('.staging-'))
  for (const draft of drafts) expect(await readFile(join(folder, draft, '.owner'), 'utf8').catch(() => '')).toBe('')
}
