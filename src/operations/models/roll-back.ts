import { FtiError } from '../../base/index.ts'
import type { Signature } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import { type JournalEntry, type Rollback, readVersion, rollbackTag } from '../../registry/index.ts'
import { readRetirement } from '../../store/index.ts'
import { operationsErrors } from '../errors.ts'
import { type KnownProject, requireRegisteredModel } from './lost-registry.ts'

/**
 * Moves a tag of a model back to what it named before. Errors: those of `rollbackTag`; FTI_NOT_PROMOTABLE when that reads a contract
 * version that was retired, for it would serve imputed values alone; a lost registry is told as such.
 */
export async function rollBack(
  project: KnownProject & Pick<Project, 'store'>,
  model: string,
  rollback: Omit<Rollback, 'check'>,
): Promise<JournalEntry> {
  await requireRegisteredModel(project, model)
  const check = (version: number) => refuseRetired(project, model, version)
  return await rollbackTag(project.registry, model, { ...rollback, check })
}

async function refuseRetired(
  { registry, store }: Pick<Project, 'registry' | 'store'>,
  model: string,
  version: number,
): Promise<void> {
  const files = await readVersion(registry, model, version)
  const { groups } = JSON.parse((await files.read('signature.json')).toString('utf8')) as Signature
  for (const { group, contractVersion } of groups) {
    const retired = await readRetirement(store, group, contractVersion)
    if (retired === undefined) continue
    throw new FtiError(operationsErrors.FTI_NOT_PROMOTABLE, {
      message: `${model}@${version} reads ${group} v${contractVersion}, which was retired on ${retired.retiredAt.slice(0, 10)}`,
      place: `${model}@${version}`,
      remedy: `promote a version that reads a newer contract: fti registry list ${model}`,
      data: { model, version, group, contractVersion, retiredAt: retired.retiredAt },
    })
  }
}
