import { didYouMean, FtiError } from '../base/index.ts'
import { registryErrors } from './errors.ts'
import { entryNumbers, walkBack } from './journal.ts'
import type { ModelPaths } from './layout.ts'
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

/** FTI_MODEL_UNKNOWN when nothing was ever registered under this name. */
export async function unknownModel(paths: ModelPaths): Promise<FtiError | undefined> {
  if ((await entryNumbers(paths)).length > 0) return undefined
  const names = (await listModels(paths.root)).filter((name) => name !== paths.model)
  return new FtiError(registryErrors.FTI_MODEL_UNKNOWN, {
    message: `the registry has no version of '${paths.model}'`,
    place: paths.root,
    remedy: `${didYouMean(paths.model, names)}; \`fti train ${paths.model}\` makes a first one`,
  })
}

export function unknownTag(paths: ModelPaths, tag: string, known: readonly string[]): FtiError {
  return new FtiError(registryErrors.FTI_TAG_UNKNOWN, {
    message: `${paths.model} has no tag '${tag}'`,
    place: paths.journal,
    remedy: `${didYouMean(tag, known)}; \`fti registry promote ${paths.model}@<version> --to ${tag}\` makes it`,
  })
}
