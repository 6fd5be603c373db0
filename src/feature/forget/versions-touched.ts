import { FtiError } from '../../base/index.ts'
import type { Lineage, Signature } from '../../contract/index.ts'
import { listModels, listVersions, readVersion, type VersionFiles } from '../../registry/index.ts'
import type { ForgetScope } from './forget-scope.ts'

/** A registered version, as far as forgetting an entity concerns it. */
export interface VersionTouched {
  /** `late_departure@3`. */
  readonly version: string
  readonly model: string
  readonly lineage: Lineage
  /** Key column of a group -> column of a request that names it; one for each use of the scope's groups. */
  readonly uses: readonly Readonly<Record<string, string>>[]
  /** Its files that have the key in them as a text. Versions are immutable, so they keep it. */
  readonly naming: readonly string[]
}

/** What the versions of all models have to do with the entity. One that cannot be read can neither be promoted nor reproduced. */
export async function versionsTouched(registry: string, scope: ForgetScope): Promise<VersionTouched[]> {
  const touched: VersionTouched[] = []
  for (const model of await listModels(registry)) {
    for (const { version } of await listVersions(registry, model)) {
      const found = await describe(registry, model, version, scope)
      if (found !== undefined) touched.push(found)
    }
  }
  return touched
}

async function describe(
  registry: string,
  model: string,
  version: number,
  scope: ForgetScope,
): Promise<VersionTouched | undefined> {
  try {
    const files = await readVersion(registry, model, version)
    const json = async <T>(name: string) => JSON.parse((await files.read(name)).toString('utf8')) as T
    const signature = await json<Signature>('signature.json')
    const uses = signature.groups.filter(({ group }) => scope.groups.includes(group)).map(({ on }) => on ?? {})
    const lineage = await json<Lineage>('lineage.json')
    return { version: `${model}@${version}`, model, lineage, uses, naming: await filesNaming(files, scope) }
  } catch (error) {
    if (error instanceof FtiError || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A number stands for too many things to be looked for in files. */
async function filesNaming(files: VersionFiles, { entity }: ForgetScope): Promise<string[]> {
  const texts = entity.flatMap(({ value }) => (typeof value === 'string' ? [JSON.stringify(value)] : []))
  const naming: string[] = []
  for (const name of texts.length === 0 ? [] : Object.keys(files.manifest.files)) {
    const bytes = await files.read(name)
    if (texts.every((text) => bytes.includes(text))) naming.push(name)
  }
  return naming
}
