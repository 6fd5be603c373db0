import { FtiError } from '../../base/index.ts'
import type { Service } from '../../contract/index.ts'
import { type HeadWatch, resolveVersion } from '../../registry/index.ts'
import { loadLastGood } from './last-good.ts'
import { loadServedModel, type ServedModel } from './served-model.ts'

/** What a server follows: a tag in a registry, and where it keeps a copy of the version that the tag named last. */
export interface Followed {
  readonly registry: string
  readonly service: Pick<Service, 'model' | 'tag'>
  /** Folder of the copy of what serves; none is kept without it. */
  readonly copies?: string | undefined
}

export interface FirstModel {
  readonly served: ServedModel
  /** Entry of the journal at which the tag was read; undefined when it could not be. */
  readonly head?: number | undefined
  /** Why the registry does not say which version it should be. */
  readonly trouble?: unknown
  /** The version that it should be, and why it is not. */
  readonly refused?: { readonly version: number; readonly error: unknown } | undefined
}

/** The version that the tag names; when the registry or that version is gone or damaged, the last good one. */
export async function loadFirst(followed: Followed, watch: HeadWatch): Promise<FirstModel> {
  const { registry, service, copies } = followed
  let version: number
  let head: number
  try {
    head = await watch.poll()
    version = await namedVersion(followed)
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    return { served: await loadLastGood(copies, service, error), trouble: error }
  }
  try {
    return { served: await loadServedModel({ registry, model: service.model, version }), head }
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    const served = await loadLastGood(copies, service, error)
    if (error.code === 'FTI_REGISTRY_UNREACHABLE') return { served, trouble: error }
    return { served, head, refused: { version, error } }
  }
}

/** The version that the tag names now. Errors: those of `resolveVersion`. */
export async function namedVersion({ registry, service: { model, tag } }: Followed): Promise<number> {
  return await resolveVersion(registry, { model, at: { kind: 'tag', tag } }, [model])
}
