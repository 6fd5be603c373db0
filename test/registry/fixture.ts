import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openDraft } from '../../src/registry/index.ts'

export const now = new Date('2026-11-21T10:00:00Z')

/** An empty folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fti-registry-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export const files: Readonly<Record<string, string>> = {
  'model.json': '{"layers":[]}',
  'weights.bin': '\u0000\u0001\u0002 weights',
  'card.md': '# late\n',
}

/** Registers one more version. */
export async function register(
  root: string,
  model = 'late',
  content: Readonly<Record<string, string>> = files,
  at = now,
) {
  const draft = await openDraft(root, model)
  for (const [name, text] of Object.entries(content)) await writeFile(join(draft.path, name), text)
  return (await draft.register({ by: 'ana', why: 'test', summary: { auc: 0.7 }, now: at })).version
}

/** A registry with versions 1 to `count` of the model `late`. */
export async function registryWith(count: number): Promise<string> {
  const root = join(await temporaryFolder(), 'registry')
  for (let made = 0; made < count; made++) await register(root)
  return root
}

export const who = { by: 'ana', now }
