import { type Lineage, parseVersionSelector } from '../../contract/index.ts'
import { readVersion, resolveVersion } from '../../registry/index.ts'

export interface VersionLineage {
  readonly model: string
  readonly version: number
  readonly lineage: Lineage
}

/** Where the version comes from that `late_departure@3` or `late_departure@champion` names. */
export async function lineageOfVersion(registry: string, reference: string): Promise<VersionLineage> {
  const selector = parseVersionSelector(reference)
  const version = await resolveVersion(registry, selector)
  const files = await readVersion(registry, selector.model, version)
  const lineage = JSON.parse((await files.read('lineage.json')).toString('utf8')) as Lineage
  return { model: selector.model, version, lineage }
}
