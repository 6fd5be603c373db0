import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Ended, run } from './killed-program.ts'
import type { SmallDisk } from './small-disk.ts'

/** A command that meets a full disk, each time in a copy of the same project. */
export interface RoomSweep<State extends object> {
  readonly disk: SmallDisk
  /** The project that is copied to the disk. */
  readonly base: string
  readonly words: readonly string[]
  readonly input?: string | undefined
  /** Rooms to try, in KiB. Without them: from none on, in even steps, to more than the command takes undisturbed. */
  readonly rooms?: readonly number[] | undefined
  /** What readers see; throws where they see something broken. */
  readonly stateOf: (directory: string) => Promise<State>
  /** Parts that follow from others, and may be absent until the next run makes them. */
  readonly derived?: readonly (keyof State)[] | undefined
  /** What only a process that died may leave. */
  readonly leftoversIn: (directory: string) => Promise<readonly string[]>
  /** What the same command leads to once there is room; the state after an undisturbed one unless given. */
  readonly repaired?: ((left: State, after: State) => object) | undefined
}

/** Sweeps the room on the disk and returns what was not as it must be; nothing, when all is well. */
export async function roomSweep<State extends object>(sweep: RoomSweep<State>): Promise<string[]> {
  const { disk, words, input } = sweep
  const directory = await freshCopy(sweep)
  const before = await sweep.stateOf(directory)
  const { ended, peakKib } = await measured(disk, () => run({ directory, words, input }))
  expect(ended, ended.said).toMatchObject({ code: 0 })
  const after = await sweep.stateOf(directory)
  const violations: string[] = []
  const outcomes = new Map<string, number>()
  const rooms = sweep.rooms ?? roomsUpTo(peakKib)
  for (const kib of rooms) {
    await freshCopy(sweep)
    const { code, said } = await disk.holdingOnly(kib, () => run({ directory, words, input }))
    try {
      const outcome = await judge(sweep, { code, said }, { before, after })
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    } catch (error) {
      violations.push(
        `fti ${words.join(' ')} with ${kib} KiB: ${error instanceof Error ? error.message : error}\n${said}`,
      )
    }
  }
  const counts = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ')
  const command = `fti ${words.slice(0, 3).join(' ')}`
  process.stderr.write(
    `${command}, which takes ${peakKib} KiB, in ${rooms.length} rooms of ${rooms[0]} to ${rooms.at(-1)} KiB: ${counts}; ` +
      `violations ${violations.length}\n`,
  )
  return violations
}

/** From none to what the command takes undisturbed, in pages of 4 KiB by which a file grows here; then somewhat more. */
function roomsUpTo(peakKib: number): number[] {
  const within = Array.from({ length: 11 }, (_, n) => 4 * Math.round((n * peakKib) / 10 / 4))
  return [...new Set([...within, ...[16, 32, 48].map((more) => peakKib + more)])]
}

async function freshCopy({ disk, base }: Pick<RoomSweep<object>, 'disk' | 'base'>): Promise<string> {
  const directory = join(disk.path, 'project')
  await rm(directory, { recursive: true, force: true })
  await cp(base, directory, { recursive: true, preserveTimestamps: true })
  return directory
}

/** Names what a command has left that met a full disk, or had room; throws where that may not be. */
async function judge<State extends object>(
  sweep: RoomSweep<State>,
  { code, said }: Pick<Ended, 'code' | 'said'>,
  { before, after }: { readonly before: State; readonly after: State },
): Promise<string> {
  const { disk, words, input } = sweep
  const directory = join(disk.path, 'project')
  const left = await sweep.stateOf(directory)
  if (code === 0) {
    expect(left, 'it said that it was done').toEqual(after)
    return 'had room'
  }
  expect(code).toBe(7)
  expect(said).toContain('FTI_DISK_FULL')
  expect(said).toMatch(/has \d+ bytes/)
  const outcome = outcomeOf(left, before, after, sweep.derived)
  expect(await sweep.leftoversIn(directory)).toEqual([])
  const again = await run({ directory, words, input })
  expect(again, again.said).toMatchObject({ code: 0 })
  expect(await sweep.stateOf(directory), 'with room again').toEqual(sweep.repaired?.(left, after) ?? after)
  expect(await sweep.leftoversIn(directory)).toEqual([])
  return outcome
}

/** Names a state by what of it is done; throws where a part lies between before and after. */
function outcomeOf<State extends object>(
  left: State,
  before: State,
  after: State,
  derived: readonly (keyof State)[] = [],
): string {
  const done: string[] = []
  for (const [part, value] of Object.entries(left)) {
    if (derived.includes(part as keyof State)) continue
    const [old, young] = [before[part as keyof State], after[part as keyof State]].map((each) => JSON.stringify(each))
    const found = JSON.stringify(value)
    if (found !== old && found !== young) throw new Error(`${part} lies between before and after: ${found}`)
    if (old !== young && found === young) done.push(part)
  }
  return done.length === 0 ? 'left nothing' : `left ${done.join(', ')}`
}

/** How much room something took at most, as far as looking often can tell. */
async function measured<T>(disk: SmallDisk, work: () => Promise<T>): Promise<{ ended: T; peakKib: number }> {
  const begun = await disk.freeKib()
  let least = begun
  const look = setInterval(async () => {
    least = Math.min(least, await disk.freeKib())
  }, 2)
  try {
    return { ended: await work(), peakKib: begun - least }
  } finally {
    clearInterval(look)
  }
}
