import type { Lineage, Model } from '../contract/index.ts'
import { bundleModule, type Project } from '../project/index.ts'
import { readVersion } from '../registry/index.ts'
import { openGroup, readSnapshot } from '../store/index.ts'
import { spineDigestOf } from './dataset/spine.ts'
import { withEngine } from './store-engine.ts'

/** Label rows that were committed after the snapshot from which a version was trained. */
export async function labelsSince(project: Project, model: Model, version: number): Promise<number> {
  const used = labelSnapshot(await lineageOfVersion(project, model, version), model)
  const now = await openGroup(project.store, model.label.group)
  // A new contract version is a table of its own: all its rows are new to the model.
  if (used?.contractVersion !== now.reference.contractVersion) return now.snapshot.rows
  const then = await readSnapshot(now.snapshot.table, used.snapshot)
  return now.snapshot.rows - (then?.rows ?? 0)
}

/**
 * What a training now would see that the version did not: labels (also corrected ones), or another definition. Undefined
 * when it would see the same. Features that other groups have committed since do not count: most of what a feature
 * pipeline commits lies behind the newest label, and would make every call a reason to train.
 */
export async function changedSince(project: Project, model: Model, version: number): Promise<string | undefined> {
  const lineage = await lineageOfVersion(project, model, version)
  const used = labelSnapshot(lineage, model)
  const { reference } = await openGroup(project.store, model.label.group)
  if (used?.contractVersion !== reference.contractVersion || used.snapshot !== reference.snapshot) return 'labels'
  if (lineage.configDigest !== project.digest) return 'the project file'
  const onDemand = model.onDemand && (await bundleModule(model.onDemand.module)).digest
  if (lineage.onDemandDigest !== onDemand) return 'the on-demand code'
  const spine = await withEngine(project, (engine) => spineDigestOf(engine, project, model))
  return lineage.spineDigest === spine ? undefined : 'the spine'
}

function labelSnapshot({ snapshots }: Lineage, model: Model): Lineage['snapshots'][number] | undefined {
  return snapshots.find(({ group }) => group === model.label.group)
}

async function lineageOfVersion(project: Project, model: Model, version: number): Promise<Lineage> {
  const files = await readVersion(project.registry, model.name, version)
  return JSON.parse((await files.read('lineage.json')).toString('utf8')) as Lineage
}
