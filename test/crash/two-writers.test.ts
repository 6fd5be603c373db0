import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import { readHistory, tablePath } from '../../src/store/index.ts'
import { bundleScript } from '../script.ts'
import { letTimePass } from './kill-sweep.ts'
import { killedAt, type Stretch, stretchesOf } from './killed-program.ts'
import { type Batch, groups, Ledger, linesOf, readPage } from './ledger.ts'
import type { Readings } from './ledger-reader-process.ts'
import { leftoversIn } from './project-state.ts'
import { seeded } from './seeded.ts'
import { fti } from './small-project.ts'

const kills = process.env['FTI_LONG'] ? 200 : 8

let ledger: Ledger
let engine: Engine
beforeAll(async () => {
  ledger = await Ledger.make()
  engine = await openEngine({ tempDirectory: join(ledger.folder, 'spill'), allowedDirectories: [ledger.folder] })
})
afterAll(async () => {
  await engine.close()
  await ledger.remove()
})

test(`two writers that are killed ${kills} times tear, lose and double nothing that a reader beside them sees`, async () => {
  const clock = await bundleScript(new URL('./tell-calls.ts', import.meta.url))
  const reader = startReader()
  const proof = new Proof(clock)
  await proof.begin()
  await Promise.all([proof.write(1), proof.write(2), proof.stealLocks(3)])
  const readings = await reader.stop()
  await proof.end()
  say(await proof.counts(), proof.violations, readings)
  expect(readings).toMatchObject({ torn: [], duplicated: 0, wrong: [] })
  expect(proof.violations).toEqual({ lost: [], torn: [], duplicated: 0, errors: [], leftovers: [] })
  expect(readings.reads).toBeGreaterThan(kills)
  expect(readings.versions).toBeGreaterThan(4)
}, 1_800_000)

type Kind = 'push' | 'run' | 'optimize'
const wordsOf: Record<Kind, readonly string[]> = {
  push: ['feature', 'push', 'pushed'],
  run: ['feature', 'run', 'filed'],
  optimize: ['store', 'optimize'],
}

/** What writers have begun, what they were told is done, and what is found. */
class Proof {
  readonly #clock: string
  readonly #stretches = new Map<Kind, readonly Stretch[]>()
  readonly #begun = { pushed: new Set<string>(), filed: new Set<string>() }
  readonly #promised = { pushed: new Set<string>(), filed: new Set<string>() }
  /** Pushed by a writer that was killed: some are pushed again, as whoever got no answer does. */
  readonly #unanswered: Batch[] = []
  readonly #ends = { killed: 0, done: 0 }
  #running = 0
  readonly violations = {
    lost: [] as string[],
    torn: [] as string[],
    duplicated: 0,
    errors: [] as string[],
    leftovers: [] as string[],
  }

  constructor(clock: string) {
    this.#clock = clock
  }

  /** Sees each command once where nobody kills it, to know when it changes the disk. */
  async begin(): Promise<void> {
    await Promise.all((['push', 'run'] as const).map((kind) => this.#act(kind, seeded(0), false)))
    await this.#act('optimize', seeded(0), false)
  }

  /** Runs one command after another until enough were killed, each of them at a random moment between two changes of the disk. */
  async write(writer: number): Promise<void> {
    const random = seeded(writer * 7919 + Number(process.env['FTI_SEED'] ?? 0))
    while (this.#isOn()) {
      const lot = random()
      await this.#act(lot < 0.6 ? 'push' : lot < 0.92 ? 'run' : 'optimize', random, random() < 0.85)
      await this.#look()
    }
  }

  /** Locks spare writers a race that they would lose. Without them each commit must still decide by itself. */
  async stealLocks(thief: number): Promise<void> {
    const random = seeded(thief)
    while (this.#isOn()) {
      await sleep(random() * 100)
      for (const group of groups) await rm(join(ledger.store, `_locks/${group}.lock`), { force: true })
    }
  }

  /** The next runs work, without help, and leave nothing of the killed ones. */
  async end(): Promise<void> {
    await letTimePass(ledger.directory)
    await Promise.all((['push', 'run'] as const).map((kind) => this.#act(kind, seeded(1), false)))
    await this.#look()
    await fti(ledger.directory, 'store', 'verify')
    for (const group of groups) this.violations.leftovers.push(...(await leftoversIn(ledger.directory, group)))
  }

  async counts(): Promise<string> {
    const histories = groups.map((group) => readHistory(tablePath(ledger.store, group, 1)))
    const commits = (await Promise.all(histories)).reduce((sum, { length }) => sum + length, 0)
    return `${this.#ends.killed} kills of ${this.#ends.killed + this.#ends.done} runs, ${commits} commits`
  }

  /** Enough are killed, and enough come to their end for the reader to have seen more than a few versions. */
  #isOn(): boolean {
    return (this.#ends.killed < kills || this.#ends.done < 12) && this.violations.errors.length === 0
  }

  async #act(kind: Kind, random: () => number, isKilled: boolean): Promise<void> {
    if (kind === 'push') return this.#push(random, isKilled)
    if (kind === 'run') return this.#run(random, isKilled)
    await this.#command(kind, random, isKilled)
  }

  async #push(random: () => number, isKilled: boolean): Promise<void> {
    const again = random() < 0.5 ? this.#unanswered.shift() : undefined
    const batch = again ?? this.#newBatch('pushed', random)
    if (await this.#command('push', random, isKilled, linesOf(batch))) this.#promised.pushed.add(batch.name)
    else this.#unanswered.push(batch)
  }

  async #run(random: () => number, isKilled: boolean): Promise<void> {
    // Two that run at once read the same rows, which must land once.
    if (this.#running++ === 0) await ledger.file(this.#newBatch('filed', random))
    const all = [...this.#begun.filed]
    if (await this.#command('run', random, isKilled)) for (const name of all) this.#promised.filed.add(name)
    this.#running--
  }

  #newBatch(group: 'pushed' | 'filed', random: () => number): Batch {
    const name = `b${this.#begun[group].size}`
    this.#begun[group].add(name)
    return { name, values: Array.from({ length: 1 + Math.floor(random() * 20) }, () => Math.floor(random() * 1000)) }
  }

  /** Whether the command has said that it is done. */
  async #command(kind: Kind, random: () => number, isKilled: boolean, input?: string): Promise<boolean> {
    const program = { directory: ledger.directory, words: wordsOf[kind], clock: this.#clock, input }
    const known = this.#stretches.get(kind)
    const place = isKilled ? Math.floor(random() * (known?.length ?? 0)) : -1
    const measured = known ? undefined : await stretchesOf(program)
    if (measured) this.#stretches.set(kind, measured.stretches)
    const { code, signal, said } = measured?.ended ?? (await killedAt(program, place, random() * 30))
    if (signal === 'SIGKILL') this.#ends.killed++
    else this.#ends.done++
    if (signal !== 'SIGKILL' && code !== 0) this.violations.errors.push(`${wordsOf[kind].join(' ')}: ${code} ${said}`)
    return code === 0
  }

  /** What was promised before is there, whole and once, and nothing that nobody has written. */
  async #look(): Promise<void> {
    for (const group of groups) {
      const promised = [...this.#promised[group]]
      const page = await readPage(engine, ledger.store, group)
      this.violations.lost.push(...promised.filter((name) => !page?.batches.has(name)))
      this.violations.torn.push(...(page?.torn ?? []))
      this.violations.duplicated += page?.duplicated ?? 0
      expect([...(page?.batches ?? [])].filter((name) => !this.#begun[group].has(name))).toEqual([])
    }
  }
}

function startReader(): { stop(): Promise<Readings> } {
  const script = join(import.meta.dirname, 'ledger-reader-process.ts')
  const reader = spawn(process.execPath, ['--import', 'jiti/register', script, ledger.folder, ledger.store], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let said = ''
  reader.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  return {
    stop: async () => {
      const closed = once(reader, 'close')
      reader.stdin.end()
      await closed
      return JSON.parse(said) as Readings
    },
  }
}

function say(counts: string, { lost }: Proof['violations'], readings: Readings): void {
  const { reads, plainReads, versions, torn, duplicated } = readings
  process.stderr.write(
    `two writers and a reader: ${counts}; ${reads} reads and ${plainReads} of the plain files, of ${versions} versions; ` +
      `torn ${torn.length}, lost ${lost.length}, duplicated ${duplicated}\n`,
  )
}
