import { FtiError } from '../../base/index.ts'
import type { Source } from '../../contract/index.ts'
import { featureErrors } from '../errors.ts'

/** Loads the package that talks to a kind of source: an optional peer, which a project without such a source need not have. */
export async function loadClient<Client>(source: Source, name: string, load: () => Promise<Client>): Promise<Client> {
  try {
    return await load()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    throw new FtiError(featureErrors.FTI_SOURCE_CLIENT_MISSING, {
      message: `source '${source.name}' needs the package ${name}, which is not installed`,
      place: `sources.${source.name}.type`,
      remedy: `install it beside fti: npm install ${name}`,
      cause: error,
    })
  }
}
