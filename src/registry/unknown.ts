import { didYouMean, FtiError } from '../base/index.ts'
import { registryErrors } from './errors.ts'
import { entryNumbers, walkBack } from './journal/journal.ts'
import { type ModelPaths, modelPaths } from './layout.ts'
import { listModels } from './list-models.ts'

/** The error for a version that the journal does not have: names the model first when that is what is unknown. */
export async function unknownVersion(paths: ModelPaths, version: number): Promise<FtiError> {
  const model = await unknownModel(paths)
  if (model) return model
  const known: number[] = []
  for await (const { entry } of walkBack(paths)) if (entry?.kind === 'registration') known.push(entry.version)
  const shown = known.slice(0, 5).join(', ')
  return new FtiError(registryErrors.FTI_VERSION_UNKNOWN, {
    message: `${paths.model} has no version ${version}`,
    place: paths.home,
    remedy: `${known.length === 0 ? 'nothing is registered yet' : `newest: ${shown}`}; see \`fti registry list ${paths.model}\``,
  })
}

/** Throws FTI_MODEL_UNKNOWN when nothing was ever registered under this name; see `unknownModel`. */
export async function requireModel(root: string, model: string, declared?: Iterable<string>): Promise<void> {
  const unknown = await unknownModel(modelPaths(root, model), declared)
  if (unknown) throw unknown
}

/**
 * FTI_MODEL_UNKNOWN when nothing was ever registered under this name. `declared` are the models of the project: of
 * those a training makes a first version; any other name is a slip, or belongs to another project.
 */
export async function unknownModel(paths: ModelPaths, declared: Iterable<string> = []): Promise<FtiError | undefined> {
  if ((await entryNumbers(paths)).length > 0) return undefined
  const known = new Set(declared)
  const isDeclared = known.has(paths.model)
  for (const name of await listModels(paths.root)) known.add(name)
  known.delete(paths.model)
  return new FtiError(registryErrors.FTI_MODEL_UNKNOWN, {
    message: isDeclared
      ? `the registry has no version of '${paths.model}' yet`
      : `neither the project nor the registry has a model '${paths.model}'`,
    place: paths.root,
    remedy: isDeclared ? `make a first one with: fti train ${paths.model}` : didYouMean(paths.model, known),
  })
}

export function unknownTag(paths: ModelPaths, tag: string, known: readonly string[]): FtiError {
  return new FtiError(registryErrors.FTI_TAG_UNKNOWN, {
    message: `${paths.model} has no tag '${tag}'`,
    place: paths.journal,
    remedy: didYouMean(tag, known, `make it with: fti registry promote ${paths.model}@VERSION --to ${tag}`),
  })
}
