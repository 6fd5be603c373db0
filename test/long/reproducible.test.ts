import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readVersion } from '../../src/registry/index.ts'
import type { TrainResult } from '../../src/training/index.ts'
import { type FlightsProject, flightsProject, say } from './flights-project.ts'

const model = 'late_departure'
let project: FlightsProject

beforeAll(async () => {
  project = await flightsProject()
  await project.fti('feature', 'run')
})
afterAll(() => project.remove())

test.each([
  ['wasm', 3],
  ['cpu', 1],
])(
  'on %s two trainings with one seed give the same weights to the bit, another seed gives others',
  async (backend, epochs) => {
    const train = async (seed: number) => {
      const words = ['--backend', backend, '--epochs', String(epochs), '--seed', String(seed)]
      const { code, data } = await project.attempt<TrainResult>('train', ...words)
      // After so few epochs a version may be worse than one before it: exit code 1, and registered all the same.
      if (data === undefined) throw new Error(`nothing was trained, exit code ${code}`)
      return data
    }
    const first = await train(11)
    // The second builds its dataset anew: what is proved is the whole way from the feature store to the weights.
    await rm(join(project.directory, 'store/_training'), { recursive: true })
    const second = await train(11)
    const other = await train(12)
    for (const { version, report } of [first, second, other])
      say(`${backend}, ${epochs} epochs: ${model}@${version} has the weights ${report.training.weightsDigest}`)
    expect(second.version).toBe(first.version + 1)
    expect(await servedFilesOf(second.version)).toEqual(await servedFilesOf(first.version))
    expect(second.report.training.weightsDigest).toBe(first.report.training.weightsDigest)
    expect(second.report.test.metrics).toEqual(first.report.test.metrics)
    expect(second.dataset).toEqual(first.dataset)
    expect(first.report.training.backend).toBe(backend)
    expect(other.report.training.weightsDigest).not.toBe(first.report.training.weightsDigest)
  },
)

/** What serving reads, file by file. */
async function servedFilesOf(version: number): Promise<Record<string, string>> {
  const files = await readVersion(join(project.directory, 'registry'), model, version)
  const names = ['weights.bin', 'model.json', 'transforms.json', 'signature.json', 'golden.json', 'on-demand.mjs']
  const texts = await Promise.all(
    names.map(async (name) => [name, (await files.read(name)).toString('base64')] as const),
  )
  return Object.fromEntries(texts)
}
