import type { ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { journalHead, openDraft, readJournal, readVersion, verifyRegistry } from '../../src/registry/index.ts'
import { readHistory, readSnapshot, tablePath } from '../../src/store/index.ts'
import { follow } from '../crash/killed-program.ts'
import { leftoversIn } from '../crash/project-state.ts'
import { SmallProject, writeRentals } from '../crash/small-project.ts'
import { bundleScript } from '../script.ts'

let project: SmallProject
beforeAll(async () => {
  project = await SmallProject.make()
})
afterAll(() => project.remove())

interface Command {
  readonly words: readonly string[]
  readonly freezeBefore?: string
  readonly onCall?: (child: ChildProcess, what: string) => void
}

interface Failure {
  readonly code: string
  readonly message: string
}

interface Printed {
  readonly data?: {
    readonly groups?: readonly { readonly status: string; readonly error?: Failure }[]
    readonly entry?: { readonly entry: number }
  }
  readonly error?: Failure
}

/** The real program with `--json`: its exit code and the document that it printed. */
async function fti(directory: string, { words, freezeBefore, onCall }: Command) {
  const clock = await bundleScript(new URL('../crash/tell-calls.ts', import.meta.url))
  const program = { directory, words: [...words, '--json', '--quiet'], clock, freezeBefore }
  const { code, said } = await follow(program, onCall ?? (() => {}))
  expect(said, said).toMatch(/^\{.*\}\n$/s)
  return { code, printed: JSON.parse(said) as Printed }
}

/** What the run of the one group says, and what the group's log holds. */
const statusOf = ({ printed }: { printed: Printed }) => printed.data?.groups?.[0]?.status
async function commitsIn(store: string) {
  const table = tablePath(store, 'station_days', 1)
  return {
    added: (await readHistory(table)).map(({ rowsAdded }) => rowsAdded),
    rows: (await readSnapshot(table))?.rows,
  }
}

test('of two feature runs at once one commits, and the other one finds that nothing is left to do', async () => {
  const directory = await project.copy()
  const run = { words: ['feature', 'run'] }
  const runs = await Promise.all([fti(directory, run), fti(directory, run)])
  expect(runs.map(({ code }) => code)).toEqual([0, 0])
  expect(runs.map(statusOf).sort()).toEqual(['committed', 'nothing to do'])
  expect(await commitsIn(join(directory, 'store'))).toEqual({ added: [200], rows: 200 })
  expect(await leftoversIn(directory)).toEqual([])
}, 60_000)

test('two projects that fill one table at once commit their rows, each once', async () => {
  const directories = await Promise.all(
    [150, 200].map(async (rows) => {
      const directory = await project.copy()
      const file = join(directory, 'fti.config.yaml')
      await writeFile(file, `${await readFile(file, 'utf8')}\nstore: ../one-store\n`)
      await writeRentals(directory, rows)
      return directory
    }),
  )
  const runs = await Promise.all(directories.map((directory) => fti(directory, { words: ['feature', 'run'] })))
  expect(runs.map(statusOf)).toEqual(['committed', 'committed'])
  const { added, rows } = await commitsIn(join(project.folder, 'one-store'))
  // One value differs, and whoever came second restated it.
  expect(added).toHaveLength(2)
  expect(rows).toBe(201)
  expect(added.reduce((sum, count) => sum + count)).toBe(201)
}, 60_000)

test('a run that is frozen just before it commits keeps others away by name; without its lock it loses, and commits nothing twice', async () => {
  const directory = await project.copy()
  const store = join(directory, 'store')
  const words = ['feature', 'run']
  const calls = new EventEmitter()
  const first = fti(directory, {
    words,
    freezeBefore: 'link .*_delta_log',
    onCall: (child, what) => {
      if (/^link .*_delta_log/.test(what)) calls.emit('commit', child)
    },
  })
  const [child] = (await once(calls, 'commit')) as [ChildProcess]
  onTestFinished(() => void child.kill('SIGKILL'))
  const refused = await fti(directory, { words: [...words, '--lock-timeout', '0s'] })
  expect(refused.code).toBe(4)
  const error = refused.printed.data?.groups?.[0]?.error
  expect(error?.code).toBe('FTI_LOCKED')
  expect(error?.message).toContain(`pid ${child.pid} \`fti feature run --json --quiet\``)

  await rm(join(store, '_locks/station_days.lock'))
  expect(statusOf(await fti(directory, { words }))).toBe('committed')
  child.kill('SIGCONT')
  expect(await first).toMatchObject({ code: 0 })
  expect(statusOf(await first)).toBe('nothing to do')
  expect(await commitsIn(store)).toEqual({ added: [200], rows: 200 })
  expect(await leftoversIn(directory)).toEqual([])
}, 60_000)

test('of 16 promotions at once each that says so has moved the tag, and journal, head and file agree', async () => {
  const directory = await project.copy()
  for (const words of [['feature', 'run'], ['train'], ['registry', 'promote', 'busy_day@1']])
    expect(await fti(directory, { words })).toMatchObject({ code: 0 })
  const registry = join(directory, 'registry')
  for (let version = 2; version <= 4; version++) await registerAgain(registry)

  const promotions = Array.from({ length: 16 }, async (_, i) => {
    const version = 2 + (i % 3)
    const condition = i % 2 === 0 ? [] : ['--expect', '1']
    return {
      version,
      condition,
      ...(await fti(directory, { words: ['registry', 'promote', `busy_day@${version}`, ...condition] })),
    }
  })
  const ended = await Promise.all(promotions)

  const journal = await readJournal(registry, 'busy_day')
  for (const { code, version, condition, printed } of ended) {
    expect(code).toBeOneOf(condition.length > 0 ? [0, 4] : [0])
    if (code === 0) expect(journal[(printed.data?.entry?.entry ?? 0) - 1]).toMatchObject({ kind: 'promotion', version })
    else expect(printed.error?.code).toBe('FTI_REGISTRY_CONFLICT')
  }
  expect(ended.filter(({ code, condition }) => code === 0 && condition.length > 0).length).toBeLessThan(2)
  const moves = journal.filter(({ tag }) => tag === 'champion')
  expect(moves.map(({ from }) => from)).toEqual([null, ...moves.slice(0, -1).map(({ version }) => version)])
  const champion = moves.at(-1)?.version
  expect((await journalHead(registry, 'busy_day')).tags).toEqual({ champion })
  expect(await readFile(join(registry, 'busy_day/tags/champion'), 'utf8')).toBe(`${champion}\n`)
  expect(await verifyRegistry(registry)).toEqual([])
}, 120_000)

/** One more version with the files of the first. */
async function registerAgain(registry: string): Promise<void> {
  const { manifest, read } = await readVersion(registry, 'busy_day', 1)
  const draft = await openDraft(registry, 'busy_day')
  for (const name of Object.keys(manifest.files)) await writeFile(join(draft.path, name), await read(name))
  await draft.register({ by: 'test', summary: null, now: new Date() })
}
