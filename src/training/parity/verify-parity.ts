import { join } from 'node:path'
import { type Lineage, parseVersionSelector, type Signature } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import { readVersion, resolveVersion } from '../../registry/index.ts'
import { loadScorer } from '../../scoring/index.ts'
import { type GroupView, openGroup, readDataset } from '../../store/index.ts'
import { compileEncoder, parseTransforms } from '../../transform/index.ts'
import { examplesOf } from '../assess.ts'
import { readJson } from '../evaluation/opponent.ts'
import { withEngine } from '../store-engine.ts'
import { checkParity, type Parity } from './parity.ts'

export interface VerifiedParity {
  readonly model: string
  readonly version: number
  /** Id of the training dataset whose rows were sent through the served path. */
  readonly dataset: string
  readonly parity: Parity
}

/**
 * The parity check of training, made again for a registered version: its training dataset, the snapshots that its
 * lineage names, and the files as they stand in the registry.
 * Errors: those of `readDataset`, `openGroup` and `loadScorer` when one of the three is gone or damaged.
 */
export async function verifyParity(
  project: Pick<Project, 'registry' | 'store' | 'state' | 'models'>,
  reference: string,
  signal?: AbortSignal,
): Promise<VerifiedParity> {
  const selector = parseVersionSelector(reference, 'candidate')
  const { model } = selector
  const version = await resolveVersion(project.registry, selector, project.models.keys())
  const files = await readVersion(project.registry, model, version)
  const lineage = await readJson<Lineage>(files, 'lineage.json')
  const signature = await readJson<Signature>(files, 'signature.json')
  const dataset = await readDataset(project.store, model, lineage.dataset.id)
  const encoder = compileEncoder(parseTransforms((await files.read('transforms.json')).toString('utf8')))
  const scorer = await loadScorer({ registry: project.registry, model, version })
  try {
    const parity = await withEngine(project, async (engine) =>
      checkParity({
        engine,
        examples: examplesOf(dataset),
        time: dataset.time,
        groups: await pinnedGroups(project.store, signature, lineage),
        scorer,
        encoder,
        folder: join(project.state, 'tmp'),
        signal,
      }),
    )
    return { model, version, dataset: dataset.id, parity }
  } finally {
    scorer.close()
  }
}

/** Each group at the snapshot that the version was trained from. */
async function pinnedGroups(store: string, signature: Signature, lineage: Lineage): Promise<Map<string, GroupView>> {
  const groups = new Map<string, GroupView>()
  for (const name of new Set(signature.groups.map(({ group }) => group))) {
    const pin = lineage.snapshots.find(({ group }) => group === name)
    if (!pin) throw new Error(`the lineage names no snapshot of ${name}`)
    groups.set(name, await openGroup(store, name, { contractVersion: pin.contractVersion, at: pin.snapshot }))
  }
  return groups
}
