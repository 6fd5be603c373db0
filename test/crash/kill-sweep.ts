import { readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { expect } from 'vitest'
import { killedAt, type Program, type Stretch, stretchesOf } from './killed-program.ts'
import { expectReadableRuns, leftoversIn } from './project-state.ts'
import { seeded } from './seeded.ts'
import { fti } from './small-project.ts'

/** A command that is killed at many moments, each time in a copy of the same project. */
export interface KillSweep<State> {
  readonly words: readonly string[]
  readonly kills: number
  /** The bundled `tell-calls.ts`. */
  readonly clock: string
  readonly copy: () => Promise<string>
  /** What readers see; throws where they see something broken. */
  readonly stateOf: (directory: string) => Promise<State>
  /** Names what a killed command has left; throws where that lies between before and after. */
  readonly outcomeOf: (left: State, before: State, after: State) => string
  /** Throws unless the next run has led to the right state. */
  readonly checkRepaired: (repaired: State, left: State, after: State) => void
}

/** How many commands were found in each state after they were killed. */
export type Outcomes = ReadonlyMap<string, number>

/**
 * Measures where an undisturbed run changes the disk, then kills others there. Stretches between two such calls are drawn
 * evenly and moments within a stretch too, so that most kills hit the writing and none is like another. Every fourth time
 * the run that would repair is killed as well.
 */
export async function killSweep<State>(sweep: KillSweep<State>): Promise<Outcomes> {
  const { words, kills, clock } = sweep
  const undisturbed: Program = { directory: await sweep.copy(), words, clock }
  const before = await sweep.stateOf(undisturbed.directory)
  const { ended, stretches } = await stretchesOf(undisturbed)
  expect(ended, ended.said).toMatchObject({ code: 0 })
  const after = await sweep.stateOf(undisturbed.directory)
  expect(after).not.toEqual(before)
  expect(await leftoversIn(undisturbed.directory)).toEqual([])

  const random = seeded()
  const places = stretches.filter(({ what }) => !what.includes('/.fti/tmp/'))
  const outcomes = new Map<string, number>()
  for (let kill = 0; kill < kills; kill++) {
    const { program, moment } = await killOne(sweep, places, (kill + random()) / kills, random())
    const next = places[Math.floor(random() * places.length)]
    if (kill % 4 === 3 && next) await killIn(program, next, random())
    const left = await sweep.stateOf(program.directory)
    const outcome = sweep.outcomeOf(left, before, after)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    await repair(sweep, program, moment, left, after)
    await rm(program.directory, { recursive: true })
  }
  const counts = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ')
  process.stderr.write(`fti ${words.join(' ')}: ${kills} kills in ${places.length} places: ${counts}\n`)
  return outcomes
}

/** Kills in the stretch that lies so far along the way, 0 to 1. */
async function killOne<State>(
  { words, clock, copy }: KillSweep<State>,
  places: readonly Stretch[],
  along: number,
  within: number,
): Promise<{ program: Program; moment: string }> {
  for (let tried = 0; tried < 10; tried++) {
    const program = { directory: await copy(), words, clock }
    // A run that is faster than the measured one ends before anybody kills it; then another one is killed earlier.
    const place = places[Math.max(0, Math.floor(along * places.length) - tried)]
    const moment = place && (await killIn(program, place, within * 0.7 ** tried))
    if (moment !== undefined) return { program, moment }
    await rm(program.directory, { recursive: true })
  }
  throw new Error(`fti ${words.join(' ')} ends before anybody can kill it`)
}

/** Kills somewhere within a stretch, 0 to 1; returns when that was, or undefined when the program had ended by then. */
async function killIn(program: Program, { call, what, lastsMs }: Stretch, within: number): Promise<string | undefined> {
  const { signal } = await killedAt(program, call, within * lastsMs)
  return signal === 'SIGKILL' ? `killed ${(within * lastsMs).toFixed(1)} ms after call ${call}, ${what}` : undefined
}

async function repair<State>(
  sweep: KillSweep<State>,
  { directory, words }: Program,
  moment: string,
  left: State,
  after: State,
): Promise<void> {
  await letTimePass(directory)
  await fti(directory, ...words)
  sweep.checkRepaired(await sweep.stateOf(directory), left, after)
  expect(await leftoversIn(directory), moment).toEqual([])
  await expectReadableRuns(directory)
}

/**
 * What was killed before it could say whose it is, as staged files always are, counts for a minute as somebody's who is
 * at work. Its age is in its name: this is that minute.
 */
export async function letTimePass(directory: string): Promise<void> {
  // One may lie in another, so from the innermost out.
  for (const name of (await readdir(directory, { recursive: true })).sort().reverse()) {
    const stamped = /^\.staging-\d{8}t\d{9}(-\w+)$/.exec(basename(name))
    const old = join(dirname(name), `.staging-20200101t000000000${stamped?.[1]}`)
    if (stamped) await rename(join(directory, name), join(directory, old))
  }
}
