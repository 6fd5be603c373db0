import { type Lineage, parseVersionSelector, type Signature } from '../../contract/index.ts'
import { type Manifest, readVersion, resolveVersion } from '../../registry/index.ts'
import type { Report } from '../../training/index.ts'
import { type KnownProject, requireRegisteredModel } from './lost-registry.ts'

/** Everything that a version says of itself, each file checked against its digest. */
export interface VersionDescription {
  readonly model: string
  readonly version: number
  readonly path: string
  readonly manifest: Manifest
  readonly signature: Signature
  readonly lineage: Lineage
  readonly report: Report
  /** Markdown. */
  readonly card: string
}

export async function describeVersion(project: KnownProject, reference: string): Promise<VersionDescription> {
  const selector = parseVersionSelector(reference, 'candidate')
  await requireRegisteredModel(project, selector.model)
  const { registry } = project
  const version = await resolveVersion(registry, selector)
  const files = await readVersion(registry, selector.model, version)
  const text = async (name: string) => (await files.read(name)).toString('utf8')
  return {
    model: selector.model,
    version,
    path: files.path,
    manifest: files.manifest,
    signature: JSON.parse(await text('signature.json')) as Signature,
    lineage: JSON.parse(await text('lineage.json')) as Lineage,
    report: JSON.parse(await text('metrics.json')) as Report,
    card: await text('card.md'),
  }
}
