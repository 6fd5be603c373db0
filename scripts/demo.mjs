// The three pipelines on a year of real flights, as a user would run them: every step is the real command.
// npm run demo [-- FOLDER]   A folder that is given, or a temporary one, is left for you to look around in.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const folder = process.argv[2] ? resolve(process.argv[2]) : join(await mkdtemp(join(tmpdir(), 'fti-demo-')), 'flights')

// Monday, 9 December 2013, an hour before Southwest 3069 from Newark to St. Louis: a bad evening.
const moment = '2013-12-09T21:25:00Z'
const instance = {
  origin: 'EWR',
  carrier: 'WN',
  tailnum: 'N912WN',
  dest: 'STL',
  distance: 872,
  scheduled_at: '2013-12-09T22:25:00Z',
}

const began = performance.now()
step('A project from the template', ['init', folder, '--template', 'flights'])
await fti(['init', folder, '--template', 'flights'])
step('Feature pipelines: a year of departures, weather and aircraft into the feature store', ['feature', 'run'])
await fti(['feature', 'run'], folder)
step('Training: point-in-time join, split by time, network, baselines, gates', ['train'])
await fti(['train'], folder)
step('Registry: the version has met its gates and becomes champion', ['registry', 'promote', 'late_departure'])
await fti(['registry', 'promote', 'late_departure'], folder)
step('Online store: put at an evening of December 2013', ['feature', 'sync', '--as-of', moment])
await fti(['feature', 'sync', '--as-of', moment], folder)
step('Inference: a server that stands still at that evening, asked by entity keys', ['serve', '--now', moment])
await ask()
say(`\nDone in ${((performance.now() - began) / 1000).toFixed(1)} s. The project is in ${folder}\n`)

/** Runs one command to its end; a failure ends the demo with the command's own exit code. */
async function fti(args, cwd) {
  const child = spawn(process.execPath, [bin, ...args], { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = await once(child, 'exit')
  if (code !== 0) {
    say(`\nfti ${args.join(' ')} ended with exit code ${code}\n`)
    process.exit(code ?? 1)
  }
}

async function ask() {
  const server = spawn(process.execPath, [bin, 'serve', '--now', moment, '--port', '0', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { data } = JSON.parse(await firstDocument(server))
  const url = `${data.url}/v1/services/${data.service}/predict`
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ instances: [instance] }),
  })
  const answer = await reply.json()
  say(`\n${JSON.stringify(answer, null, 2)}\n`)
  if (!reply.ok) process.exit(1)
  say(`\nIts chance to leave more than 15 minutes late: ${(answer.predictions[0].probability * 100).toFixed(1)} %. `)
  say('It left 244 minutes late.\n')
  server.kill('SIGTERM')
  const [code] = await once(server, 'exit')
  if (code !== 0) process.exit(code ?? 1)
  say(`\nTo repeat it:\n  cd ${folder} && node ${bin} serve --now ${moment}\nand in another terminal:\n`)
  say(`  curl -s http://127.0.0.1:8080/v1/services/late_departure/predict -H 'content-type: application/json' \\\n`)
  say(`    -d '${JSON.stringify({ instances: [instance] })}'\n`)
}

/** What a server prints when it listens. */
async function firstDocument(server) {
  let text = ''
  for await (const chunk of server.stdout) {
    text += chunk
    if (text.trimEnd().endsWith('}')) return text
  }
  throw new Error('the server ended before it listened')
}

function step(what, command) {
  say(`\n== ${what}\n   fti ${command.join(' ')}\n\n`)
}

function say(text) {
  process.stdout.write(text)
}
