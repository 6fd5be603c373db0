import { FtiError, isSystemError } from '../../base/index.ts'
import type { VersionSelector } from '../../contract/index.ts'
import { copiesOf } from '../../inference/index.ts'
import type { Project } from '../../project/index.ts'
import {
  journalHead,
  lostModel,
  type RememberedVersion,
  readCopyRecord,
  requireModel,
  requireRegistry,
  resolveVersion,
} from '../../registry/index.ts'
import { listPipelines } from '../../runs/index.ts'
import { lastRegistered, trainedModel } from '../../training/index.ts'

export type KnownProject = Pick<Project, 'state' | 'directory' | 'registry' | 'models' | 'services'>

/**
 * Throws FTI_REGISTRY_UNREACHABLE when the registry cannot be read, or when it is empty of a model of which this
 * project knows that versions were registered: an unmounted folder and one that was moved away look like one that
 * never was. A project that has not trained yet passes, with or without the folder.
 */
export async function refuseLostRegistry(project: KnownProject): Promise<void> {
  const remembered = await rememberedVersions(project)
  try {
    await requireRegistry(project.registry)
  } catch (error) {
    const isAbsent = error instanceof FtiError && isSystemError(error.cause, 'ENOENT')
    if (!isAbsent || remembered.length > 0) throw error
  }
  for (const known of remembered) {
    const { newest } = await journalHead(project.registry, known.model)
    if (newest === null) throw lostModel(project.registry, known)
  }
}

/** The same, and FTI_MODEL_UNKNOWN for a model without any version. */
export async function requireRegisteredModel(project: KnownProject, model: string): Promise<void> {
  await refuseLostRegistry(project)
  await requireModel(project.registry, model, project.models.keys())
}

/** The version that a reference names. Errors: those of `requireRegisteredModel` and of `resolveVersion`. */
export async function resolveRegistered(project: KnownProject, selector: VersionSelector): Promise<number> {
  await requireRegisteredModel(project, selector.model)
  return await resolveVersion(project.registry, selector, project.models.keys())
}

async function rememberedVersions(project: KnownProject): Promise<RememberedVersion[]> {
  const remembered: RememberedVersion[] = []
  for (const pipeline of await listPipelines(project.state)) {
    const model = trainedModel(pipeline)
    const last = model === undefined ? undefined : await lastRegistered(project, model)
    if (model !== undefined && last) remembered.push({ model, version: last.version, source: `run ${last.run}` })
  }
  for (const service of project.services.keys()) {
    const kept = await readCopyRecord(copiesOf(project.state, service)).catch(() => undefined)
    if (kept?.registry !== project.registry) continue
    remembered.push({ model: kept.model, version: kept.version, source: `what ${service} served at ${kept.keptAt}` })
  }
  return remembered
}
