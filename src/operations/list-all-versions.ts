import { didYouMean, FtiError } from '../base/index.ts'
import { listModels, listVersions, registryErrors, type VersionEntry } from '../registry/index.ts'

/** A version as `fti registry list` shows it, with what training put into its summary. */
export interface ListedVersion extends VersionEntry {
  readonly model: string
  readonly metrics: Readonly<Record<string, number | null>>
  readonly promotable: boolean | null
}

/** Versions of one model, or of all, newest first. */
export async function listAllVersions(registry: string, model?: string): Promise<ListedVersion[]> {
  const models = await listModels(registry)
  if (model !== undefined && !models.includes(model)) {
    throw new FtiError(registryErrors.FTI_MODEL_UNKNOWN, {
      message: `the registry has no model '${model}'`,
      place: registry,
      remedy: models.length === 0 ? 'make a version with: fti train' : didYouMean(model, models),
    })
  }
  const listed: ListedVersion[] = []
  for (const name of model === undefined ? models : [model]) {
    for (const entry of await listVersions(registry, name)) listed.push({ model: name, ...entry, ...summaryOf(entry) })
  }
  return listed
}

function summaryOf({ summary }: VersionEntry): Pick<ListedVersion, 'metrics' | 'promotable'> {
  const { metrics = {}, promotable = null } = (summary ?? {}) as Partial<Pick<ListedVersion, 'metrics' | 'promotable'>>
  return { metrics, promotable }
}
