import type { FeatureGroup, TransformPolicy } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import { type PublishedContract, type PublishedTransform, readSnapshot, tablePath } from '../../store/index.ts'
import type { GroupInputs } from './inputs.ts'
import { compareTransforms } from './transform-change.ts'

/** What a transform as it stands means for its group. */
export interface TransformDecision {
  readonly change: 'none' | PublishedTransform['change']
  /** What is to be published with the contract; undefined where that says it already. */
  readonly publish: PublishedTransform | undefined
}

export interface TransformQuestion {
  readonly root: string
  readonly group: FeatureGroup
  /** The newest published contract. */
  readonly latest: PublishedContract | undefined
  readonly inputs: Pick<GroupInputs, 'sql' | 'extra'>
  /** Overrules what the project file says of an edited transform. */
  readonly policy?: TransformPolicy | undefined
}

/** Cosmetic and additive edits are seen as such; what any other edit means is for the group's owner to say. */
export async function decideTransform(
  engine: Engine,
  { root, group, latest, inputs: { sql, extra }, policy }: TransformQuestion,
): Promise<TransformDecision> {
  const decided = (change: PublishedTransform['change']) => ({ change, publish: { sql, extra, change } })
  if (latest === undefined) return decided('first')
  const known = new Set(latest.contract.features.map(({ name }) => name))
  const added = group.features.flatMap(({ name }) => (known.has(name) ? [] : [name]))
  const kind = await compareTransforms(engine, { published: latest.transform, inputs: { sql, extra }, added })
  if (kind === 'unrecorded') return decided('first')
  if (kind === 'none' || kind === 'cosmetic') return { change: kind, publish: undefined }
  if (kind === 'additive') return decided('additive')
  const snapshot = await readSnapshot(tablePath(root, group.name, latest.version))
  // Nothing was made with the one before.
  if (snapshot === undefined) return decided('first')
  const change = policy ?? group.onTransformChange ?? 'breaking'
  const forwardFrom = change === 'forwardOnly' ? snapshot.mark?.highWaterMark : undefined
  return { change, publish: { sql, extra, change, ...(forwardFrom ? { forwardFrom } : {}) } }
}
