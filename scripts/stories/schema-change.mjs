// A schema change from the source to the model, on real flights: every step is the real command.
// npm run story:schema-change [-- FOLDER]   The folder is left for you to look around in.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const template = fileURLToPath(new URL('../../templates/flights/data/flights', import.meta.url))
const steps = fileURLToPath(new URL('schema-change', import.meta.url))
const folder = process.argv[2] ? resolve(process.argv[2]) : mkdtempSync(join(tmpdir(), 'fti-schema-change-'))
const group = 'airport_departures'

tell('A data team publishes delays, a model team trains on them, and version 1 of the model serves')
put('before')
await deliver(['2013-10', '2013-11'], 'dep_delay')
await fti(['feature', 'run'])
await fti(['train'])
await fti(['registry', 'promote', 'late_departure@1', '--to', 'champion'])
const server = await serve()
await ask('served by', 1)

tell('December arrives, and upstream calls dep_delay departure_delay: the run stops, the server does not')
await deliver(['2013-10', '2013-11', '2013-12'], 'departure_delay')
await fti(['feature', 'run'], 1)
await ask('still served by', 1)

tell('The data team follows, and renames its feature too: contract version 2, with SQL that feeds version 1')
put('after')
await fti(['feature', 'run', group], 3)
const labels = ['--restate', 'departure_outcomes']
const plan = JSON.parse(await fti(['plan', ...labels, '--json'], 0, true)).data
await fti(['plan', '--exit-code', ...labels], 3)
await fti(['apply', plan.id, ...labels, '--why', 'upstream renamed dep_delay'])

tell('Backfilled: version 2 has all three months, version 1 got December too, and the old model reads on')
await fti(['feature', 'run'])
await ask('after the backfill served by', 1)
await fti(['feature', 'retire', `${group}@v1`], 1)

tell('The model team trains on version 2; the server takes the new champion without a restart')
put('retrained')
await fti(['train'])
await fti(['registry', 'promote', 'late_departure@2', '--to', 'champion'])
await ask('now served by', 2)

tell('Nobody needs version 1 any more')
await fti(['feature', 'retire', `${group}@v1`])
await fti(['feature', 'retire', `${group}@v1`, '--yes', '--why', 'the champion reads version 2'])
await fti(['plan', '--exit-code'])
await fti(['feature', 'run'])
await ask('served by', 2)

server.kill('SIGTERM')
await once(server, 'exit')
say(`\nThe project is in ${folder}\n`)

/** Lays the next state of the two teams' files over the project. */
function put(state) {
  cpSync(join(steps, state), folder, { recursive: true })
  say(`   (files of scripts/stories/schema-change/${state})\n`)
}

/** What upstream delivers: the first ten days of each month, with the delay under the given name. */
async function deliver(months, delay) {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  mkdirSync(join(folder, 'data'), { recursive: true })
  for (const month of months) {
    const rows = `SELECT * RENAME (dep_delay AS ${delay}) FROM read_parquet('${join(template, `${month}.parquet`)}') WHERE day <= 10`
    await connection.run(`COPY (${rows}) TO '${join(folder, 'data', `${month}.parquet`)}'`)
  }
  connection.closeSync()
  instance.closeSync()
}

/** Runs one command to its end; another exit code than the expected one ends the story. */
async function fti(args, expected = 0, quiet = false) {
  if (!quiet) say(`\n$ fti ${args.map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(' ')}\n`)
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (!quiet) say(`${stdout}(exit ${code})\n`)
  if (code !== expected)
    throw new Error(`fti ${args.join(' ')} ended with ${code}, not ${expected}\n${stdout}${stderr}`)
  return stdout
}

async function text(stream) {
  let all = ''
  for await (const chunk of stream) all += chunk
  return all
}

async function serve() {
  const child = spawn(process.execPath, [bin, 'serve', '--port', '0', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  process.on('exit', () => child.kill('SIGKILL'))
  let first = ''
  for await (const chunk of child.stdout) {
    first += chunk
    if (first.trimEnd().endsWith('}')) break
  }
  const { data } = JSON.parse(first)
  child.address = `${data.url}/v1/services/${data.service}/predict`
  return child
}

/** Asks until the wanted version answers; the server looks for a new champion four times a second. */
async function ask(what, version) {
  for (let tries = 0; ; tries++) {
    const reply = await fetch(server.address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instances: [{ origin: 'JFK', distance: 760 }] }),
    })
    const answer = await reply.json()
    if (reply.ok && answer.model === `late_departure@${version}`) {
      say(`\n> ${what} late_departure@${version}: ${answer.predictions[0].probability.toFixed(4)}\n`)
      return
    }
    if (tries > 100) throw new Error(`the server answers ${JSON.stringify(answer)}`)
    await new Promise((done) => setTimeout(done, 100))
  }
}

function tell(what) {
  say(`\n== ${what}\n`)
}

function say(what) {
  process.stdout.write(what)
}
