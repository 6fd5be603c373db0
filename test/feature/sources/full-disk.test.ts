import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startWebServer } from '../../servers/web.ts'
import { flightsCsv, TemporaryProject } from '../temporary-project.ts'

const isMountable = canMount()
if (!isMountable) process.stderr.write('full disk: skipped, this user may not mount a tmpfs\n')
// A gate that sees nothing must not pass.
const mustBeMountable = process.env['CI'] !== undefined && process.getuid?.() === 0

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'fti-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
}

/** Four MiB of rows. */
const rows = flightsCsv + 'LGA,2013-01-01T07:00:00Z,1\n'.repeat(2 ** 22 / 27)

/** A project whose folder for temporary files holds two MiB. */
function projectOn(flights: object, files: Record<string, string> = {}): TemporaryProject {
  const project = new TemporaryProject({ flights: { path: undefined, ...flights }, files })
  const folder = join(project.folder, '.fti/tmp')
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', [folder]))
  return project
}

describe.runIf(isMountable || mustBeMountable)('where what is fetched does not fit', () => {
  test.each(['http', 'exec', 'sqlite'])(
    'a run with a source of type %s ends with 7 and leaves nothing behind',
    async (type) => {
      const server = await startWebServer((_request, response) => response.end(rows))
      const sources = {
        http: { type, url: server.origin, format: 'csv' },
        exec: { type, command: [process.execPath, '-e', 'process.stdout.write(require("fs").readFileSync("rows"))'] },
        sqlite: { type, path: 'rows', table: 't' },
      }
      const project = projectOn(sources[type as keyof typeof sources])
      writeFileSync(join(project.folder, 'rows'), rows)
      const { error } = await project.runDelays()
      expect(error).toMatchObject({ code: 'FTI_DISK_FULL', exit: 7 })
      expect(readdirSync(join(project.folder, '.fti/tmp'))).toEqual([])
    },
  )
})
