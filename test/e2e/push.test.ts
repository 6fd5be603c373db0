import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const bin = join(import.meta.dirname, '../../bin/run.js')
const cwd = mkdtempSync(join(tmpdir(), 'fti-push-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

mkdirSync(join(cwd, 'features'))
writeFileSync(join(cwd, 'features/ratings.sql'), 'SELECT * FROM rows')
writeFileSync(
  join(cwd, 'fti.config.yaml'),
  `project: push
sources:
  rows: { type: push, types: { station: string, at: timestamp, stars: int32 } }
entities:
  station: { key: { station: string } }
featureGroups:
  ratings:
    entity: station
    transform: features/ratings.sql
    eventTime: at
    availableAt: at
    features: { stars: int32 }
  best:
    entity: station
    transform: features/best.sql
    static: true
    features: { best: int32 }
`,
)
writeFileSync(join(cwd, 'features/best.sql'), 'SELECT station, max(stars) AS best FROM ratings GROUP BY station')

function pushed(input: string, ...flags: string[]) {
  const args = [bin, 'feature', 'push', 'ratings', ...flags]
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', input })
}

function push(input: string, ...flags: string[]) {
  const { stdout, status } = pushed(input, '--json', ...flags)
  return { status, data: JSON.parse(stdout).data }
}

test('rows from a pipe land whole, and the same ones again are nothing to do', () => {
  // More than a pipe holds at once.
  const lines = Array.from(
    { length: 20_000 },
    (_, n) => `{"station":"s${n}","at":"2025-01-01T00:00:00Z","stars":${n % 5}}\n`,
  )
  const first = push(lines.join(''))
  expect(first).toMatchObject({ status: 0, data: { groups: [{ status: 'committed', outcome: { appended: 20_000 } }] } })
  expect(push(lines.join(''))).toMatchObject({ status: 0, data: { groups: [{ status: 'nothing to do' }] } })
  expect(push('station,at,stars\na,2025-01-01T00:00:00Z,5\n', '--format', 'csv')).toMatchObject({ status: 0 })
})

test('rows that break the contract end with 1 and the code', () => {
  const { status, data } = push('{"station":null,"at":"2025-01-01T00:00:00Z","stars":1}\n')
  expect(status).toBe(1)
  expect(data.groups).toMatchObject([{ status: 'failed', error: { code: 'FTI_CONTRACT_VIOLATED' } }])
})

test('rows that were new leave the groups behind that are made from theirs, and the last line says how they follow', () => {
  const row = '{"station":"new","at":"2025-01-02T00:00:00Z","stars":5}\n'
  expect(pushed(row).stdout).toMatch(/Done\. .*\nNext, for what is made from it: fti feature run best\n$/)
  expect(pushed(row).stdout).toMatch(/Done\. committed=0 nothing-to-do=1 .*\n$/)
})
