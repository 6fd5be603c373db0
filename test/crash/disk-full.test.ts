import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import { listDatasets, quarantineRelation, readDataset } from '../../src/store/index.ts'
import { run } from './killed-program.ts'
import { type Batch, Ledger, linesOf, readPage } from './ledger.ts'
import { featureState, leftoversIn, registryState } from './project-state.ts'
import { roomSweep } from './room-sweep.ts'
import { SmallDisk } from './small-disk.ts'
import { fti, SmallProject, writeRentals } from './small-project.ts'

const disk = SmallDisk.mount('disk full')
const isLong = process.env['FTI_LONG'] !== undefined

let project: SmallProject
let engine: Engine
beforeAll(async () => {
  if (!disk) return
  project = await SmallProject.make()
  const tempDirectory = join(project.folder, 'spill')
  engine = await openEngine({ tempDirectory, allowedDirectories: [disk.path, project.folder] })
  await writeRentals(project.directory, 150)
  await fti(project.directory, 'feature', 'run')
  for (let version = 0; version < 2; version++) await fti(project.directory, 'train')
  await fti(project.directory, 'registry', 'promote', 'busy_day@1')
  await writeRentals(project.directory, 200)
}, 120_000)
afterAll(async () => {
  await engine?.close()
  await project?.remove()
  disk?.unmount()
})

/** Everything in a project that somebody reads. Reading a dataset, a log or a registry proves that it is whole. */
async function stateOf(directory: string) {
  const store = join(directory, 'store')
  const { entries, tags, versions } = await registryState(directory)
  const datasets = await listDatasets(store, 'busy_day')
  const manifests = await Promise.all(datasets.map(({ id }) => readDataset(store, 'busy_day', id)))
  const [quarantined] = await engine.rows<{ rows: number }>(
    `SELECT count(*)::INT AS rows FROM (${await quarantineRelation(store, 'station_days')})`,
  )
  const requests = await readFile(join(store, '_predictions/busy_day/a.ndjson'), 'utf8').catch(() => '')
  return {
    ...(await featureState(engine, directory)),
    ...{ registry: { entries, tags, versions }, datasets: datasets.length, quarantined: quarantined?.rows },
    ...{ examples: manifests.map(({ rows }) => rows), requests },
  }
}
type State = Awaited<ReturnType<typeof stateOf>>

interface Case {
  readonly words: readonly string[]
  /** KiB in the short form; a command without any is tried in the long one only. */
  readonly rooms: readonly number[]
  readonly prepare?: (directory: string) => Promise<unknown>
  readonly repaired?: (left: State, after: State) => object
}

const forgotten = { station: 'harbour', day: '2025-04-02' }
const cases: Record<string, Case> = {
  'the first feature run': {
    words: ['feature', 'run'],
    rooms: [],
    prepare: async (directory) => {
      for (const name of ['store', '.fti']) await rm(join(directory, name), { recursive: true })
    },
  },
  'a feature run with new rows': { words: ['feature', 'run'], rooms: [8, 56] },
  'a dataset build': { words: ['dataset', 'build', 'busy_day'], rooms: [], prepare: withoutDatasets },
  'a training': {
    words: ['train'],
    rooms: [24],
    prepare: withoutDatasets,
    // What had been registered before the disk was full is a version like any other.
    repaired: ({ registry }, after) => ({
      ...after,
      registry: registry.entries < after.registry.entries ? after.registry : expect.anything(),
    }),
  },
  'a promotion': { words: ['registry', 'promote', 'busy_day@2'], rooms: [0] },
  'a compaction': { words: ['store', 'optimize'], rooms: [], prepare: (directory) => fti(directory, 'feature', 'run') },
  'a vacuum': {
    words: ['store', 'vacuum', '--retain', '0s', '--apply'],
    rooms: [],
    prepare: async (directory) => {
      await fti(directory, 'feature', 'run')
      await fti(directory, 'store', 'optimize')
    },
  },
  'forgetting an entity': {
    words: ['feature', 'forget', 'station_days', ...keyFlags(forgotten), '--yes'],
    rooms: [],
    prepare: async (directory) => {
      await fti(directory, 'feature', 'run')
      const log = join(directory, 'store/_predictions/busy_day')
      mkdirSync(log, { recursive: true })
      const about = [forgotten, { ...forgotten, station: 'museum' }]
      writeFileSync(join(log, 'a.ndjson'), about.map((instance) => `${JSON.stringify({ instance })}\n`).join(''))
    },
  },
  'a replay of refused rows': {
    words: ['feature', 'quarantine', 'replay', 'station_days'],
    rooms: [],
    prepare: async (directory) => {
      await edit(directory, 'data/rentals.csv', [/\d+\n$/, '5000\n'])
      await edit(directory, 'fti.config.yaml', [
        /entity: station_day\n/,
        'entity: station_day\n    onInvalid: quarantine\n',
      ])
      await fti(directory, 'feature', 'run')
      await edit(directory, 'fti.config.yaml', [/\[0, 2000\]/, '[0, 9000]'])
    },
  },
  'a sync of the online store': {
    words: ['feature', 'sync'],
    rooms: [],
    prepare: (directory) => rm(join(directory, '.fti/online'), { recursive: true }),
  },
}

for (const [name, { words, rooms, prepare, repaired }] of Object.entries(cases)) {
  test.runIf(disk && (isLong || rooms.length > 0))(
    `${name} on a full disk ends with 7 and shows nothing half; with room again it works`,
    async () => {
      if (!disk) return
      const base = await project.copy()
      await prepare?.(base)
      const violations = await roomSweep({
        ...{ disk, base, words, rooms: isLong ? undefined : rooms },
        ...{ stateOf, derived: ['profiled'], leftoversIn, repaired },
      })
      expect(violations).toEqual([])
    },
    1_800_000,
  )
}

test.runIf(disk && isLong)(
  'pushed rows on a full disk are all stored or none',
  async () => {
    if (!disk) return
    const ledger = await Ledger.make()
    const small = await openEngine({ tempDirectory: join(ledger.folder, 'spill'), allowedDirectories: [disk.path] })
    const [first, second] = ['first', 'second'].map(
      (name): Batch => ({ name, values: Array.from({ length: 500 }, (_, n) => n) }),
    )
    if (first) await run({ directory: ledger.directory, words: ['feature', 'push', 'pushed'], input: linesOf(first) })
    const violations = await roomSweep({
      ...{ disk, base: ledger.directory, words: ['feature', 'push', 'pushed'], input: second && linesOf(second) },
      stateOf: async (directory) => {
        const page = await readPage(small, join(directory, 'store'), 'pushed')
        return { batches: [...(page?.batches ?? [])].sort(), torn: page?.torn, duplicated: page?.duplicated }
      },
      leftoversIn: (directory) => leftoversIn(directory, 'pushed'),
    })
    await small.close()
    await ledger.remove()
    expect(violations).toEqual([])
  },
  1_800_000,
)

/** The same inputs make the same dataset, which would be found instead of made. */
function withoutDatasets(directory: string): Promise<void> {
  return rm(join(directory, 'store/_training'), { recursive: true })
}

function keyFlags(key: object): string[] {
  return Object.entries(key).flatMap(([column, value]) => ['--key', `${column}=${value}`])
}

async function edit(directory: string, name: string, [from, to]: readonly [RegExp, string]): Promise<void> {
  const file = join(directory, name)
  const text = await readFile(file, 'utf8')
  const edited = text.replace(from, to)
  expect(edited).not.toBe(text)
  await writeFile(file, edited)
}
