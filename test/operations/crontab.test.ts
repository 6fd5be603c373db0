import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cron } from 'croner'
import { expect, test } from 'vitest'
import { crontab } from '../../src/operations/index.ts'
import { hostileFolder, hostileInstallation } from './installation-example.ts'

/** What cron hands to sh (cronie and Vixie): an escaped % becomes one, a bare % ends the command. */
function shellCommandOf(line: string): string {
  const command = line.split(' ').slice(5).join(' ')
  const bare = command.replaceAll('\\%', '').includes('%')
  expect(bare).toBe(false)
  return command.replaceAll('\\%', '%')
}

test('every line is a comment or five fields that a cron parser takes, and a command', () => {
  const { text } = crontab(hostileInstallation('/srv/flights'))
  const lines = text.trimEnd().split('\n')
  const jobs = lines.filter((line) => !line.startsWith('#'))
  expect(jobs).toHaveLength(1)
  const schedule = jobs[0]?.split(' ').slice(0, 5).join(' ') ?? ''
  expect(schedule).toMatch(/^[\d*/,-]+( [\d*/,-]+){4}$/)
  const next = new Cron(schedule, { timezone: 'UTC' }).nextRuns(2, new Date('2026-01-01T00:00:01Z'))
  expect(next.map((time) => time.toISOString())).toEqual(['2026-01-01T00:05:00.000Z', '2026-01-01T00:10:00.000Z'])
})

test('sh runs the program with the very path, whatever it holds', () => {
  const root = mkdtempSync(join(tmpdir(), 'fti-cron-'))
  const directory = join(root, hostileFolder)
  mkdirSync(join(directory, '.fti'), { recursive: true })
  const program = join(directory, 'print.cjs')
  writeFileSync(program, 'console.error(JSON.stringify(process.argv.slice(2)))')
  const { text } = crontab({ ...hostileInstallation(directory), program })
  execFileSync('/bin/sh', ['-c', shellCommandOf(text.trimEnd().split('\n').at(-1) ?? '')])
  const argv = JSON.parse(readFileSync(join(directory, '.fti/cron.log'), 'utf8'))
  expect(argv).toEqual(['run', '--log-format', 'json', '--chdir', directory, '--env', 'prod'])
})

test.each([
  [1, '* * * * *'],
  [60, '0 * * * *'],
  [15, '*/15 * * * *'],
])('%i minutes are %s', (everyMinutes, schedule) => {
  const { text } = crontab({ ...hostileInstallation('/srv'), everyMinutes })
  expect(text.split('\n').at(-2)?.startsWith(`${schedule} `)).toBe(true)
})

test.each([7, 90, 0.5, 0])(
  'an interval of %d minutes is refused, since it would drift or never come',
  (everyMinutes) => {
    expect(() => crontab({ ...hostileInstallation('/srv'), everyMinutes })).toThrow(
      expect.objectContaining({ code: 'FTI_GENERATE_INTERVAL' }),
    )
  },
)

test.each(['/srv/a\nb', '/srv/a\\b', 'relative'])('the path %j is refused, for cron cannot express it', (directory) => {
  expect(() => crontab(hostileInstallation(directory))).toThrow(expect.objectContaining({ code: 'FTI_GENERATE_PATH' }))
})

test('a project name that is no file name is refused', () => {
  expect(() => crontab({ ...hostileInstallation('/srv'), project: 'a; rm -rf /' })).toThrow(
    expect.objectContaining({ code: 'FTI_NAME_UNSAFE' }),
  )
})
