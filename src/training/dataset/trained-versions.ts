import { FtiError } from '../../base/index.ts'
import type { Lineage } from '../../contract/index.ts'
import { listVersions, readVersion } from '../../registry/index.ts'

/** Dataset id -> the versions of a model that were trained on it, newest first. A version that cannot be read is left out. */
export async function trainedVersions(registry: string, model: string): Promise<ReadonlyMap<string, number[]>> {
  const versions = new Map<string, number[]>()
  for (const { version } of await listVersions(registry, model)) {
    const id = await datasetOf(registry, model, version)
    if (id !== undefined) versions.set(id, [...(versions.get(id) ?? []), version])
  }
  return versions
}

async function datasetOf(registry: string, model: string, version: number): Promise<string | undefined> {
  try {
    const files = await readVersion(registry, model, version)
    return (JSON.parse((await files.read('lineage.json')).toString('utf8')) as Lineage).dataset.id
  } catch (error) {
    if (error instanceof FtiError || error instanceof SyntaxError) return undefined
    throw error
  }
}
