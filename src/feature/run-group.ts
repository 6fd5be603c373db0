import { relative } from 'node:path'
import { FtiError, type TaskReporter, throwIfCancelled } from '../base/index.ts'
import type { FeatureGroup } from '../contract/index.ts'
import { atFile, type Engine, quoteName } from '../engine/index.ts'
import type { Project } from '../project/index.ts'
import {
  type CommitResult,
  commitRows,
  openGroup,
  type PublishedContract,
  profileRelation,
  readProfile,
  readSnapshot,
  tablePath,
  tidyGroup,
  writeProfile,
  writeQuarantine,
} from '../store/index.ts'
import { checkSchema } from './check-schema.ts'
import { featureErrors } from './errors.ts'
import { type GroupInput, gatherInput } from './group-input.ts'
import { describeReader, readersOf } from './readers.ts'
import { settleContract } from './settle-contract.ts'
import { checkUnchanged, defineSourceView } from './source.ts'
import { type Validation, validateRows, type Violation } from './validate.ts'

/** What one run of one group did. Counts are rows. */
export interface GroupOutcome {
  readonly group: string
  readonly status: 'committed' | 'nothing to do'
  readonly contractVersion: number
  readonly snapshot: number
  readonly inputDigest: string
  readonly rows: number
  readonly appended: number
  readonly unchanged: number
  readonly restated: number
  readonly late: number
  readonly quarantined: number
  readonly violations: readonly Violation[]
}

export interface GroupRunOptions {
  readonly engine: Engine
  readonly project: Project
  readonly group: FeatureGroup
  readonly runId: string
  readonly now: Date
  readonly by: string
  readonly command: string
  readonly task: TaskReporter
  readonly signal?: AbortSignal | undefined
}

/** Source -> transform -> contract -> commit -> profile, for one group. Nothing is visible before the commit. */
export async function runGroup(options: GroupRunOptions): Promise<GroupOutcome> {
  const { engine, project, group, now, by, task, signal } = options
  const input = await gatherInput(engine, project, group)
  const published = await settleContract(project.store, group, {
    by,
    now,
    readers: async () => (await readersOf(project.registry, group.name)).map(describeReader),
  })
  await tidyGroup(project.store, { group: group.name, contractVersion: published.version })
  const done = await alreadyDone(project, group, published, input)
  if (done) {
    // The run that committed this snapshot may have died before its profile.
    await profile(engine, project, published)
    return done
  }

  task.update('transforming')
  const place = relative(project.directory, group.transform.path)
  await transform(engine, project, group, input, place, signal)
  const items = await checkSchema(engine, group, '_output', place)
  await engine.execute(`CREATE VIEW _typed AS SELECT ${items} FROM _output`)
  task.update('checking the contract')
  const validation = await validateRows(engine, group, '_typed', now, place)
  throwIfCancelled(signal)
  task.update(`committing ${(validation.rows - validation.refusedRows).toLocaleString('en')} rows`)
  const result = await commit(options, published, input, validation)
  await profile(engine, project, published)
  return {
    group: group.name,
    status: result.committed ? 'committed' : 'nothing to do',
    contractVersion: published.version,
    inputDigest: input.digest,
    snapshot: result.snapshot,
    rows: validation.rows,
    appended: result.appended,
    unchanged: result.unchanged,
    restated: result.restated,
    late: result.late,
    quarantined: validation.refusedRows,
    violations: validation.violations,
  }
}

/** The newest commit says which input it was made from. */
async function alreadyDone(
  project: Project,
  group: FeatureGroup,
  published: PublishedContract,
  input: GroupInput,
): Promise<GroupOutcome | undefined> {
  const snapshot = await readSnapshot(tablePath(project.store, group.name, published.version))
  if (snapshot?.mark?.inputDigest !== input.digest) return undefined
  return {
    group: group.name,
    status: 'nothing to do',
    contractVersion: published.version,
    inputDigest: input.digest,
    snapshot: snapshot.version,
    rows: 0,
    appended: 0,
    unchanged: 0,
    restated: 0,
    late: 0,
    quarantined: 0,
    violations: [],
  }
}

async function transform(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  input: GroupInput,
  place: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const files of input.sources) await defineSourceView(engine, files)
  try {
    await engine.execute(`CREATE TABLE _output AS ${input.inputs.sql.trim().replace(/;$/, '')}`, signal)
  } catch (error) {
    throw atFile(error, place)
  }
  for (const files of input.sources) await checkUnchanged(files)
  const [count] = await engine.rows<{ rows: number }>('SELECT count(*) AS rows FROM _output')
  if (Number(count?.rows ?? 0) > 0) return
  const sources = input.sources.map(({ source }) => `${source.name} (${relative(project.directory, source.path)})`)
  throw new FtiError(featureErrors.FTI_TRANSFORM_EMPTY, {
    message: `the transform of '${group.name}' gave no rows`,
    place,
    remedy: `look whether its sources are empty: ${sources.join(', ') || 'none are read'}; nothing was committed`,
    data: { group: group.name, sources: input.sources.map(({ source }) => source.name) },
  })
}

async function commit(
  options: GroupRunOptions,
  published: PublishedContract,
  input: GroupInput,
  validation: Validation,
): Promise<CommitResult> {
  const { engine, project, group, runId, now, command, signal } = options
  if (validation.refused !== undefined) {
    await writeQuarantine({
      engine,
      root: project.store,
      group: group.name,
      refused: validation.refused,
      inputDigest: input.digest,
      runId,
      now,
    })
  }
  return commitRows({
    engine,
    root: project.store,
    contract: published,
    candidate: `(SELECT *, ${declaredAvailability(group)} AS _declared_available_at FROM ${validation.accepted})`,
    inputDigest: input.digest,
    runId,
    now,
    command,
    signal,
  })
}

function declaredAvailability(group: FeatureGroup): string {
  if (group.availability?.kind === 'column') return quoteName(group.availability.column)
  if (group.availability?.kind === 'after' && group.eventTime !== undefined)
    return `${quoteName(group.eventTime)} + to_milliseconds(${group.availability.lagMs})`
  return `CAST(NULL AS TIMESTAMPTZ)`
}

/** Statistics of every row of the newest snapshot, unless they are there already. */
async function profile(engine: Engine, project: Project, published: PublishedContract): Promise<void> {
  const { contract } = published
  const view = await openGroup(project.store, contract.group, { contractVersion: published.version })
  if ((await readProfile(project.store, view.reference)) !== undefined) return
  const columns = contract.features.map(({ name, type }) => ({ name, type }))
  await writeProfile(project.store, view.reference, await profileRelation(engine, view.raw, columns))
}
