import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { didYouMean, FtiError, openStaging, storageError, throwIfCancelled } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { featureErrors } from '../errors.ts'
import { openProjectEngine } from '../project-engine.ts'
import { findInputs } from '../transforms/inputs.ts'
import { orderGroups } from '../transforms/order-groups.ts'
import { type FeatureRunOptions, type GroupReport, runFeatureGroups } from './run-groups.ts'

export interface PushOptions extends Omit<FeatureRunOptions, 'groups' | 'pushed'> {
  readonly group: string
  /** Which of the group's sources the rows are for, where it has several that are pushed to. */
  readonly source?: string | undefined
  readonly format: 'ndjson' | 'csv'
  readonly rows: Readable
}

/** Runs one group with rows from a stream as those of its push source: the same transform, contract and commit as any run. */
export async function pushRows(options: PushOptions): Promise<GroupReport[]> {
  const { project, group, format, rows, signal } = options
  const source = await pushSource(project, group, options.source)
  const staging = await openStaging(join(project.state, 'tmp'))
  const path = join(staging.path, `rows.${format}`)
  try {
    await pipeline(rows, createWriteStream(path), { ...(signal ? { signal } : {}) }).catch((error: unknown) => {
      throwIfCancelled(signal)
      throw storageError(error, path)
    })
    return await runFeatureGroups({ ...options, groups: [group], pushed: { source, format, path } })
  } finally {
    await staging.discard()
  }
}

/** The source that rows for a group are of. Errors: FTI_PUSH_UNEXPECTED, FTI_GROUP_UNKNOWN. */
export async function pushSource(project: Project, name: string, wanted: string | undefined): Promise<string> {
  const engine = await openProjectEngine(project)
  try {
    const sources = await pushSourcesOf(engine, project, name)
    const place = `featureGroups.${name}`
    if (sources.length === 0) {
      throw new FtiError(featureErrors.FTI_PUSH_UNEXPECTED, {
        message: `nothing can be pushed to '${name}': its transform reads no source of type push`,
        place,
        remedy: 'declare a source with type: push and read it in the transform, or run: fti feature run',
      })
    }
    const source = wanted ?? (sources.length === 1 ? sources[0] : undefined)
    if (source !== undefined && sources.includes(source)) return source
    throw new FtiError(featureErrors.FTI_PUSH_UNEXPECTED, {
      message:
        wanted === undefined ? `'${name}' reads several push sources` : `'${name}' reads no push source '${wanted}'`,
      place,
      remedy: wanted === undefined ? `say which is meant: --source ${sources[0]}` : didYouMean(wanted, sources),
      data: { group: name, sources },
    })
  } finally {
    await engine.close()
  }
}

async function pushSourcesOf(engine: Engine, project: Project, name: string): Promise<string[]> {
  // Knows the names of all groups, and what to say to one that is none.
  await orderGroups(project, [name], engine)
  const group = project.groups.get(name)
  const inputs = group && (await findInputs(engine, project, group))
  return (inputs?.sources ?? []).filter((source) => project.sources.get(source)?.type === 'push')
}
