import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { before, test } from 'node:test'
import { promisify } from 'node:util'

const root = new URL('..', import.meta.url)
const groups = ['airport_departures', 'carrier_departures', 'aircraft_last_flight', 'departure_outcomes']

/** Runs fti with the test overlay; npm puts it on the path. Exit code 1 is an answer too: that nothing was known. */
async function fti(...words: string[]) {
  const shell = process.platform === 'win32'
  const run = promisify(execFile)('fti', [...words, '--env', 'test', '--json'], { cwd: root, shell })
  const { stdout } = await run.catch((error) => {
    if (error.code === 1) return error
    throw error
  })
  return JSON.parse(stdout).data
}

/** What one entity's values were, as known at a moment. */
async function valuesAt(group: string, key: string, at: string) {
  return (await fti('feature', 'get', group, '--key', key, '--at', at)).stored
}

before(async () => {
  await rm(new URL('.fti/test', root), { recursive: true, force: true })
  await fti('feature', 'run', ...groups)
})

test('before a flight has left, its delay is not known', async () => {
  assert.equal(await valuesAt('airport_departures', 'origin=EWR', '2013-01-01T10:19:59Z'), null)
})

test('two flights that leave in the same minute make one row', async () => {
  const values = await valuesAt('airport_departures', 'origin=EWR', '2013-01-01T10:20:00Z')
  assert.equal(values.departures_1h, 2)
  assert.equal(values.delay_mean_1h, 15)
  assert.equal(values.late_share_1h, 0.5)
})

test('a flight that has not left waits, whether it was cancelled or not, for four hours', async () => {
  assert.equal((await valuesAt('airport_departures', 'origin=EWR', '2013-01-01T11:00:00Z')).waiting, 1)
  assert.equal((await valuesAt('airport_departures', 'origin=EWR', '2013-01-01T17:00:00Z')).waiting, 0)
})

test('an aircraft has the delay and the New York hour of its last departure', async () => {
  const values = await valuesAt('aircraft_last_flight', 'tailnum=N1', '2013-01-01T18:00:00Z')
  assert.equal(values.last_delay, 5)
  assert.equal(values.last_hour, 12)
  assert.equal(values.flights_24h, 2)
})

test('a cancelled flight has no outcome', async () => {
  const flight = (number: number) =>
    valuesAt('departure_outcomes', `flight_id=2013-01-01/UA/${number}/EWR`, '2013-01-02T00:00:00Z')
  assert.equal((await flight(1)).late, true)
  assert.equal((await flight(2)).late, false)
  assert.equal(await flight(3), null)
})
