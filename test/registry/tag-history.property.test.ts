import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  journalHead,
  moveTag,
  readJournal,
  recordRefusal,
  rollbackTag,
  tagsAt,
  verifyRegistry,
} from '../../src/registry/index.ts'
import { register } from './fixture.ts'

type Step =
  | { readonly do: 'register' }
  | { readonly do: 'promote' | 'refuse'; readonly tag: string; readonly version: number }
  | { readonly do: 'rollback'; readonly tag: string }

const tag = fc.constantFrom('champion', 'challenger')
const version = fc.integer({ min: 1, max: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('register' as const) }),
  fc.record({ do: fc.constantFrom('promote' as const, 'promote' as const, 'refuse' as const), tag, version }),
  fc.record({ do: fc.constant('rollback' as const), tag }),
)

/** What tags are: a stack of versions each. Promoting pushes, rolling back pops, and the last one stays. */
interface Oracle {
  newest: number
  stacks: Map<string, number[]>
}

test('any sequence of registrations, promotions, refusals and rollbacks does what a stack per tag does', async () => {
  const run = async (steps: readonly Step[]) => {
    const root = await mkdtemp(join(tmpdir(), 'fti-registry-'))
    const oracle: Oracle = { newest: 0, stacks: new Map() }
    const states: Record<string, number>[] = []
    let seconds = 0
    try {
      for (const each of steps) {
        const now = new Date(Date.UTC(2027, 0, 1, 0, 0, ++seconds))
        const expected = expectedOf(oracle, each)
        expect(await outcomeOf(root, each, now)).toBe(expected)
        const tags = Object.fromEntries([...oracle.stacks].map(([name, stack]) => [name, stack.at(-1) ?? 0]))
        expect(await journalHead(root, 'late')).toMatchObject({ tags, newest: oracle.newest || null })
        states.push(tags)
      }
      for (const [index, tags] of states.entries()) {
        if (oracle.newest > 0)
          expect(await tagsAt(root, 'late', new Date(Date.UTC(2027, 0, 1, 0, 0, index + 1)))).toEqual(tags)
      }
      expect(await verifyRegistry(root)).toEqual([])
      expect((await readJournal(root, 'late')).map((entry) => entry.entry)).toEqual(
        (await readJournal(root, 'late')).map((_, index) => index + 1),
      )
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  }
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), run), { numRuns: 25, seed: 11 })
}, 60_000)

/** Changes the oracle; 'done', or the code of the error that the step must get. */
function expectedOf(oracle: Oracle, step: Step): string {
  if (step.do === 'register') {
    oracle.newest++
    return 'done'
  }
  if (oracle.newest === 0) return 'FTI_MODEL_UNKNOWN'
  const stack = oracle.stacks.get(step.tag) ?? []
  if (step.do === 'rollback') {
    if (stack.length < 2) return stack.length === 0 ? 'FTI_TAG_UNKNOWN' : 'FTI_NOTHING_TO_ROLL_BACK'
    stack.pop()
    return 'done'
  }
  if (step.version > oracle.newest) return 'FTI_VERSION_UNKNOWN'
  if (step.do === 'promote' && stack.at(-1) !== step.version) oracle.stacks.set(step.tag, [...stack, step.version])
  return 'done'
}

async function outcomeOf(root: string, step: Step, now: Date): Promise<string> {
  const by = { by: 'ana', why: 'because', now }
  try {
    if (step.do === 'register') await register(root, 'late', { 'weights.bin': 'w' }, now)
    else if (step.do === 'promote') await moveTag(root, 'late', { ...by, tag: step.tag, to: step.version })
    else if (step.do === 'refuse') await recordRefusal(root, 'late', { ...by, tag: step.tag, version: step.version })
    else await rollbackTag(root, 'late', { ...by, tag: step.tag })
    return 'done'
  } catch (error) {
    return (error as { code: string }).code
  }
}
