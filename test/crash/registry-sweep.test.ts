import { execFile } from 'node:child_process'
import { cp, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { journalHead, listVersions, moveTag, verifyRegistry } from '../../src/registry/index.ts'
import { register, registryWith, who } from '../registry/fixture.ts'
import { bundleScript, runScript } from '../script.ts'

/** The long form stops at every call to the file system, the short one at every sixth. */
const stride = process.env['FTI_LONG'] ? 1 : 12

for (const step of ['registration', 'promotion', 'rollback']) {
  test(`a ${step} that is killed before any of its calls to the file system is before or after, and the next one repairs`, async () => {
    const script = await bundleScript(new URL('./registry-step.ts', import.meta.url))
    const base = await registryWith(3)
    for (const to of [1, 2]) await moveTag(base, 'late', { ...who, tag: 'champion', to })
    const root = `${base}-killed`
    await cp(base, root, { recursive: true })
    const calls = Number(await runScript(script, root, step, '0'))
    const before = await stateOf(base)
    const after = await stateOf(root)
    expect(after).not.toEqual(before)
    let killed = 0
    for (let call = 1; call <= calls; call += stride) {
      await rm(root, { recursive: true })
      await cp(base, root, { recursive: true })
      const run = promisify(execFile)(process.execPath, [script, root, step, String(call)])
      await expect(run).rejects.toMatchObject({ signal: 'SIGKILL' })
      expect(await stateOf(root)).toBeOneOf([before, after])
      await moveTag(root, 'late', { ...who, tag: 'champion', to: await register(root) })
      expect(await verifyRegistry(root)).toEqual([])
      killed++
    }
    process.stderr.write(`${step}: killed before ${killed} of ${calls} calls\n`)
    expect(killed * stride).toBeGreaterThan(40)
  }, 300_000)
}

/** What a reader can tell apart. */
async function stateOf(root: string) {
  expect((await verifyRegistry(root)).filter((finding) => finding.severity === 'corrupt')).toEqual([])
  const { entry, tags, newest } = await journalHead(root, 'late')
  const versions = (await listVersions(root, 'late')).map((each) => `${each.version} ${each.state} ${each.tags}`)
  return { entry, tags, newest, versions }
}
