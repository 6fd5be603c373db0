import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemdUnits } from '../../src/operations/index.ts'
import { hostileFolder, hostileInstallation } from './installation-example.ts'

const analyze = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find((path) => existsSync(path))

test('systemd-analyze verify finds nothing to say about any unit', () => {
  if (analyze === undefined) {
    // A machine without systemd proves nothing here; CI must have it.
    expect(process.env['CI']).toBeUndefined()
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'fti-systemd-'))
  const units = systemdUnits(hostileInstallation(join('/srv', hostileFolder)))
  const paths = units.map(({ path, text }) => {
    writeFileSync(join(folder, path), text)
    return join(folder, path)
  })
  const { stderr, status } = spawnSync(analyze, ['verify', ...paths], { encoding: 'utf8' })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
})

test('a timer, its service and one service for every service of the project', () => {
  expect(systemdUnits(hostileInstallation('/srv')).map(({ path }) => path)).toEqual([
    'fti-flights.service',
    'fti-flights.timer',
    'fti-flights-serve-late_departure.service',
  ])
})

test('systemd would start the program with the very path, whatever it holds', () => {
  const directory = join('/srv', hostileFolder)
  const [service] = systemdUnits(hostileInstallation(directory))
  const command = /^ExecStart=(.*)$/m.exec(service?.text ?? '')?.[1] ?? ''
  expect(systemdArgv(command)).toEqual([
    process.execPath,
    '/opt/my fti/bin/run.js',
    'run',
    '--log-format',
    'json',
    '--chdir',
    directory,
    '--env',
    'prod',
  ])
})

test('a Node whose path holds a dollar sign is refused, for systemd does not expand it there', () => {
  expect(() => systemdUnits({ ...hostileInstallation('/srv'), node: '/opt/$x/node' })).toThrow(
    expect.objectContaining({ code: 'FTI_GENERATE_PATH' }),
  )
})

/** The rules of systemd.service(5) for command lines, on the subset that the generator may use. */
function systemdArgv(command: string): string[] {
  const words = [...command.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
  return words.map((word) => word.replace(/\\(.)/g, '$1').replaceAll('%%', '%').replaceAll('$$', '$'))
}

test('the little parser above reads what systemd reads', () => {
  expect(systemdArgv(`"a \\"b\\"" c%%d $$e`)).toEqual(['a "b"', 'c%d', '$e'])
})
