import { FtiError, isSystemError } from '../base/index.ts'
import { copiesOf } from '../inference/index.ts'
import type { Project } from '../project/index.ts'
import { journalHead, readCopyRecord, registryErrors, requireModel, requireRegistry } from '../registry/index.ts'
import { listPipelines } from '../runs/index.ts'
import { lastRegistered, trainedModel } from '../training/index.ts'

export type KnownProject = Pick<Project, 'state' | 'directory' | 'registry' | 'models' | 'services'>

/** A version that this machine knows of without asking the registry. */
interface Remembered {
  readonly model: string
  readonly version: number
  /** Who says so: `run 20261121t…`, or a server's copy. */
  readonly source: string
}

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
    if (newest === null) throw lost(project.registry, known)
  }
}

/** The same, and FTI_MODEL_UNKNOWN for a model without any version. */
export async function requireRegisteredModel(project: KnownProject, model: string): Promise<void> {
  await refuseLostRegistry(project)
  await requireModel(project.registry, model, project.models.keys())
}

async function rememberedVersions(project: KnownProject): Promise<Remembered[]> {
  const remembered: Remembered[] = []
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

function lost(registry: string, { model, version, source }: Remembered): FtiError {
  return new FtiError(registryErrors.FTI_REGISTRY_UNREACHABLE, {
    message: `the registry ${registry} has no version of '${model}', but ${model}@${version} is known from ${source}`,
    place: registry,
    remedy: `mount the folder or bring its content back; to begin anew in an empty one: fti train ${model}`,
    data: { model, version, source },
  })
}
