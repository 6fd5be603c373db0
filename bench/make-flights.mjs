// The flights template, made and run by the real commands: feature store, training dataset, a version of the model.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { timeProcess } from './process-time.mjs'

const bin = join(import.meta.dirname, '..', 'bin', 'run.js')

/** Gives the folders of the project, of its one training dataset and of the version that was trained on that. */
export async function makeFlights(folder, { small, note }) {
  const fti = (args, options) => timeProcess(process.execPath, [bin, ...args], { quiet: true, ...options })
  note('a project from the flights template')
  await fti(['init', folder, '--template', 'flights'])
  if (small) shorten(folder)
  note('fti feature run')
  await fti(['feature', 'run'], { cwd: folder })
  note('fti train --epochs 1')
  // One epoch may miss a gate; the version is there all the same.
  const trained = await fti(['train', '--epochs', '1', '--json'], { cwd: folder, accept: [0, 1] })
  const { data } = JSON.parse(trained.stdout)
  if (data?.status !== 'trained') throw new Error(`fti train ended without a version: ${trained.stdout}`)
  return {
    folder,
    dataset: join(folder, 'store', '_training', data.model, data.dataset.id),
    version: join(folder, 'registry', data.model, 'versions', String(data.version)),
  }
}

/** Two months instead of twelve, and a split that fits them. */
function shorten(folder) {
  const months = join(folder, 'data', 'flights')
  for (const file of readdirSync(months).sort().slice(2)) rmSync(join(months, file))
  const path = join(folder, 'fti.config.yaml')
  const text = readFileSync(path, 'utf8')
  const split = 'test: 60d, validation: 30d'
  if (!text.includes(split)) throw new Error(`${path} does not split by '${split}' any more`)
  writeFileSync(path, text.replace(split, 'test: 10d, validation: 7d'))
}
