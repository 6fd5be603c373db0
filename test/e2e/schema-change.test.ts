import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'

let story = ''

/** The script runs the real program, and ends with an error when any exit code is not the one that it expects. */
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fti-story-'))
  const script = join(import.meta.dirname, '../../scripts/stories/schema-change.mjs')
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const chunk of child.stdout) story += chunk
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
  rmSync(folder, { recursive: true, force: true })
  expect(code, story).toBe(0)
}, 600_000)

/** What the story prints between two of its headings. */
const chapter = (heading: string) => story.split('\n== ').find((part) => part.startsWith(heading)) ?? ''

test('a column renamed upstream stops its groups, names models and tags, and the server answers on', () => {
  const text = chapter('December arrives')
  expect(text).toContain("did you mean 'departure_delay'?")
  expect(text).toContain("- flights.dep_delay is gone; 'departure_delay' is new in its place")
  expect(text).toContain('read by late_departure@1 (champion): delay_mean_1h, departures_1h')
  expect(text).toMatch(/committed=1 nothing-to-do=0 failed=2 skipped=0\n\(exit 1\)/)
  expect(text).toContain('> still served by late_departure@1')
})

test('the plan says what version 2 takes, and what becomes of version 1; apply does that plan', () => {
  const text = chapter('The data team follows')
  expect(text).toMatch(/! airport_departures {2}v1 -> v2 {2}breaking\n/)
  expect(text).toContain('renamed from delay_mean_1h')
  expect(text).toMatch(
    /~ departure_outcomes {2}v1 {2}compatible\n {4}transform {2}edited: other values are corrections/,
  )
  expect(text).toMatch(/table v2 is created by the next run: 15,394 rows are taken over under their new names/)
  expect(text).toContain('v1 goes on for late_departure@1 (champion), fed by features/airport_departures_v1.sql')
  expect(text).toMatch(/Apply with: fti apply \w{8} --restate departure_outcomes\n/)
  expect(text).toMatch(/airport_departures v2 {2}breaking/)
})

test('version 1 gets the new rows from version 2, and no other; the old model reads on', () => {
  const text = chapter('Backfilled')
  expect(text).toContain('airport_departures v1: 7524 rows from the new version')
  expect(text).toContain('> after the backfill served by late_departure@1')
  expect(text).toContain('refused    late_departure@1 (champion) reads it')
})

test('a model trained on version 2 takes over without a restart, and version 1 is retired', () => {
  expect(chapter('The model team')).toContain('> now served by late_departure@2')
  const text = chapter('Nobody needs')
  expect(text).toContain('retired airport_departures@v1')
  expect(text).toContain('> served by late_departure@2')
})
