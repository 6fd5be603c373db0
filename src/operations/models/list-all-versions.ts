import { FtiError } from '../../base/index.ts'
import { listModels, listVersions, readVersion, type VersionEntry } from '../../registry/index.ts'
import { type KnownProject, refuseLostRegistry, requireRegisteredModel } from './lost-registry.ts'

/** A version as `fti registry list` shows it, with what training put into its summary. */
export interface ListedVersion extends VersionEntry {
  readonly model: string
  readonly metrics: Readonly<Record<string, number | null>>
  readonly promotable: boolean | null
}

export interface ListOptions {
  /** All models without it. */
  readonly model?: string | undefined
  /** Hashes every byte; without it manifests, names and sizes are checked, which costs no reading of weights. */
  readonly verify?: boolean | undefined
}

/**
 * Versions of one model, or of all, newest first; a damaged one is shown as corrupt. Empty only in a project that has
 * not trained yet. Errors: FTI_REGISTRY_UNREACHABLE, FTI_MODEL_UNKNOWN.
 */
export async function listAllVersions(
  project: KnownProject,
  { model, verify = false }: ListOptions = {},
): Promise<ListedVersion[]> {
  if (model === undefined) await refuseLostRegistry(project)
  else await requireRegisteredModel(project, model)
  const listed: ListedVersion[] = []
  for (const name of model === undefined ? await listModels(project.registry) : [model]) {
    for (const entry of await listVersions(project.registry, name)) {
      const checked = verify ? await hashed(project.registry, name, entry) : entry
      listed.push({ model: name, ...checked, ...summaryOf(entry) })
    }
  }
  return listed
}

async function hashed(registry: string, model: string, entry: VersionEntry): Promise<VersionEntry> {
  if (entry.state === 'corrupt') return entry
  try {
    await readVersion(registry, model, entry.version)
    return entry
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    return { ...entry, state: 'corrupt', problem: error.message }
  }
}

function summaryOf({ summary }: VersionEntry): Pick<ListedVersion, 'metrics' | 'promotable'> {
  const { metrics = {}, promotable = null } = (summary ?? {}) as Partial<Pick<ListedVersion, 'metrics' | 'promotable'>>
  return { metrics, promotable }
}
