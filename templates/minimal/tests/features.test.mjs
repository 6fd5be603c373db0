import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { before, test } from 'node:test'
import { promisify } from 'node:util'

const root = new URL('..', import.meta.url)

/** Runs fti with the test overlay; npm puts it on the path. Exit code 1 is an answer too: that nothing was known. */
async function fti(...words) {
  const shell = process.platform === 'win32'
  const run = promisify(execFile)('fti', [...words, '--env', 'test', '--json'], { cwd: root, shell })
  const { stdout } = await run.catch((error) => {
    if (error.code === 1) return error
    throw error
  })
  return JSON.parse(stdout).data
}

before(async () => {
  await rm(new URL('.fti/test', root), { recursive: true, force: true })
  await fti('feature', 'run')
})

test("a day's rentals are known when the day is over, not before", async () => {
  const at = async (time) => {
    const found = await fti(
      'feature',
      'get',
      'station_days',
      '--key',
      'station=harbour',
      '--key',
      'day=2025-03-03',
      '--at',
      time,
    )
    return found.stored
  }
  assert.equal(await at('2025-03-03T23:59:59Z'), null)
  assert.equal((await at('2025-03-04T00:00:00Z')).rentals, 119)
})
