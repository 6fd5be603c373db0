import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunningServer } from '../../../src/inference/index.ts'
import { moveTag } from '../../../src/registry/index.ts'
import { registerVersion } from '../../scoring/registered-version.ts'
import { get, instance, openSite, post, type Site, service, until } from '../serving.ts'

const model = 'late_departure'
let site: Site
let copies: string

beforeEach(async () => {
  site = await openSite()
  copies = join(site.directory, 'serving')
})
afterEach(() => site.close())

const start = (options = {}) => site.start({ copies, retryMs: 20, ...options })
const kinds = () => site.events.map(({ kind }) => kind)
const ask = async (server: RunningServer) => (await post(server, { instances: [instance] })).body
const folders = () => readdirSync(copies).filter((name) => /^\d/.test(name))
const inCopy = (name: string) => join(copies, folders()[0] ?? '', name)
const champion = (name: string) => join(site.registry, model, 'versions/1', name)

/** Damage that leaves name and size as they were. */
function flipByte(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - 2] = (bytes[bytes.length - 2] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

/** What a server that has served and ended leaves behind, and its answer. */
async function servedBefore() {
  const server = await start()
  const answer = await ask(server)
  await server.close()
  site.events.length = 0
  return answer
}

describe('a server that starts without the registry', () => {
  test('answers as the one before, and says so in health, metrics, log and its first words', async () => {
    const before = await servedBefore()
    renameSync(site.registry, `${site.registry}-away`)
    const server = await start({ log: { directory: site.logs } })
    const { predictions, model: name } = await ask(server)
    expect({ predictions, name }).toEqual({ predictions: before.predictions, name: before.model })
    expect((await get(server, '/health/ready')).body).toMatchObject({
      status: 'ready',
      source: 'copy',
      degraded: true,
      reasons: ['the registry cannot be read', expect.stringMatching(/^late_departure@1 answers from the copy of 2/)],
    })
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toMatch(/^fti_serving_from_copy\{.*\} 1$/m)
    expect(metrics).toMatch(/^fti_degraded\{.*\} 1$/m)
    expect(site.events.slice(0, 2)).toMatchObject([
      { kind: 'registry-trouble', error: { code: 'FTI_REGISTRY_UNREACHABLE' } },
      { kind: 'model-loaded', version: 1, keptAt: expect.stringMatching(/Z$/) },
    ])
    await server.close()
    const [segment] = readdirSync(site.logs)
    expect(readFileSync(join(site.logs, segment ?? ''), 'utf8')).toContain('"source":"copy"')
  })

  test('goes back to the registry when that is there again', async () => {
    await servedBefore()
    renameSync(site.registry, `${site.registry}-away`)
    const server = await start()
    renameSync(`${site.registry}-away`, site.registry)
    await until(() => server.degraded().length === 0)
    expect((await get(server, '/health/ready')).body).toMatchObject({ source: 'registry', degraded: false })
    expect(kinds()).toContain('registry-back')
    expect(site.events).toContainEqual(
      expect.objectContaining({ kind: 'model-loaded', previous: 1, keptAt: undefined }),
    )
  })

  test('does so too over an empty mount point, and over a journal that is damaged', async () => {
    await servedBefore()
    writeFileSync(join(site.registry, model, 'journal/3.json'), '{"half')
    expect((await ask(await start())).model).toBe(`${model}@1`)
    rmSync(site.registry, { recursive: true })
    mkdirSync(site.registry)
    expect((await ask(await start())).model).toBe(`${model}@1`)
  })

  test('does not start when nothing was kept', async () => {
    renameSync(site.registry, `${site.registry}-away`)
    await expect(start()).rejects.toMatchObject({ code: 'FTI_REGISTRY_UNREACHABLE', exit: 6 })
  })

  test.each([
    ['another model', { model: 'busy_day' }],
    ['another tag', { tag: 'challenger' }],
  ])('does not answer with what was kept of %s', async (_what, other) => {
    await servedBefore()
    renameSync(site.registry, `${site.registry}-away`)
    await expect(start({ service: { ...service, ...other } })).rejects.toMatchObject({
      code: 'FTI_REGISTRY_UNREACHABLE',
    })
  })
})

describe('a server whose champion is damaged when it starts', () => {
  test('answers with the copy of that version, and takes the registry’s once it is restored', async () => {
    const before = await servedBefore()
    const whole = readFileSync(champion('weights.bin'))
    flipByte(champion('weights.bin'))
    const server = await start()
    expect((await ask(server)).predictions).toEqual(before.predictions)
    expect(server.degraded()).toEqual([
      'late_departure@1 was refused',
      expect.stringMatching(/^late_departure@1 answers from the copy/),
    ])
    expect(site.events[0]).toMatchObject({ kind: 'model-refused', version: 1, error: { code: 'FTI_VERSION_CORRUPT' } })
    writeFileSync(champion('weights.bin'), whole)
    await until(() => server.degraded().length === 0)
    expect((await ask(server)).predictions).toEqual(before.predictions)
  })

  test('answers with the version before when a new one was promoted and damaged while it was down', async () => {
    const before = await servedBefore()
    await registerVersion(site.registry, { seed: 2 })
    flipByte(join(site.registry, model, 'versions/2/weights.bin'))
    const server = await start()
    expect(await ask(server)).toMatchObject({ model: `${model}@1`, predictions: before.predictions })
    await registerVersion(site.registry, { seed: 3 })
    await until(() => server.model() === `${model}@3`)
    expect(server.degraded()).toEqual([])
  })
})

describe('a copy', () => {
  test('is of what serves now: after a swap the one before is gone', async () => {
    const server = await start()
    await registerVersion(site.registry, { seed: 2 })
    await until(() => server.model() === `${model}@2` && folders().every((name) => name.startsWith('2-')))
    expect(JSON.parse(readFileSync(join(copies, 'kept.json'), 'utf8'))).toMatchObject({ version: 2, tag: 'champion' })
  })

  test.each([
    ['a changed byte of weights', () => flipByte(inCopy('weights.bin'))],
    ['changed code', () => writeFileSync(inCopy('on-demand.mjs'), 'export default () => ({ hour: 0 })')],
    ['a file more', () => writeFileSync(inCopy('more.json'), '{}')],
    ['a file less', () => rmSync(inCopy('golden.json'))],
    ['a changed manifest', () => flipByte(inCopy('manifest.json'))],
    ['a record that names another digest', () => rewrite('digest', 'f'.repeat(64))],
    ['a record of nonsense', () => writeFileSync(join(copies, 'kept.json'), '[]')],
  ])('that was tampered with (%s) is refused, and the error says so beside the registry’s', async (_what, tamper) => {
    await servedBefore()
    tamper()
    renameSync(site.registry, `${site.registry}-away`)
    await expect(start()).rejects.toMatchObject({
      code: 'FTI_REGISTRY_UNREACHABLE',
      detail: expect.stringMatching(/the copy of what was served last cannot be used either: .*(damaged|missing)/),
    })
  })

  test('that is damaged is made again by a server that has the registry', async () => {
    await servedBefore()
    flipByte(inCopy('weights.bin'))
    await servedBefore()
    renameSync(site.registry, `${site.registry}-away`)
    expect((await ask(await start())).model).toBe(`${model}@1`)
  })

  test('that cannot be kept stops no server: it says so, and keeps one as soon as it can', async () => {
    writeFileSync(copies, 'a file where the folder should be')
    const server = await start()
    expect(server.degraded()).toEqual(['no copy can be kept for a start without the registry'])
    expect(kinds()).toContain('copy-failed')
    expect((await ask(server)).model).toBe(`${model}@1`)
    rmSync(copies)
    await until(() => server.degraded().length === 0)
    expect(existsSync(join(copies, 'kept.json'))).toBe(true)
  })

  test('is left whole by a server that was killed while it kept one', async () => {
    await servedBefore()
    const [folder = ''] = folders()
    // What a kill between the two writes leaves: the folder of the new version, the record of the old one.
    cpSync(join(copies, folder), join(copies, `2-${'0'.repeat(16)}`), { recursive: true })
    rmSync(join(copies, `2-${'0'.repeat(16)}`, 'weights.bin'))
    renameSync(site.registry, `${site.registry}-away`)
    expect((await ask(await start())).model).toBe(`${model}@1`)
  })
})

test('a rolled back tag is followed by the copy', async () => {
  await registerVersion(site.registry, { seed: 2 })
  const server = await start()
  await moveTag(site.registry, model, { tag: 'champion', to: 1, by: 'test', now: new Date() })
  // The copy before is removed last.
  await until(() => server.model() === `${model}@1` && folders().every((name) => name.startsWith('1-')))
  expect(folders()).toHaveLength(1)
})

function rewrite(member: string, value: string): void {
  const path = join(copies, 'kept.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), [member]: value }))
}
