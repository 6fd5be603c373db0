import { join } from 'node:path'
import { didYouMean, digestOf, FtiError, newId, type Reporter, withCleanUp } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { acquireLock } from '../../runs/index.ts'
import { commitRows, quarantineRelation, readSnapshot, releaseQuarantine, tablePath } from '../../store/index.ts'
import { settleContract } from '../contract/settle-contract.ts'
import { featureErrors } from '../errors.ts'
import { openProjectEngine } from '../project-engine.ts'
import { describeReader, listReaders, type Reader } from '../readers.ts'
import { afterCommit, followUps } from '../run/after-commit.ts'
import { profileSnapshot } from '../run/profile-snapshot.ts'
import { syncVersions } from '../sync/sync-versions.ts'
import type { TransformDecision } from '../transforms/decide-transform.ts'
import { type JudgedRows, judgeQuarantine } from './judge-quarantine.ts'

export interface ReplayOptions {
  readonly project: Project
  readonly group: string
  /** Says what would pass, and changes nothing. */
  readonly dryRun: boolean
  readonly clock: () => Date
  readonly by: string
  readonly command: string
  readonly lockWaitMs: number
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
}

/** Counts are rows. */
export interface Replay {
  readonly group: string
  readonly contractVersion: number
  readonly dryRun: boolean
  readonly tried: number
  /** Pass the contract of now, and are committed. */
  readonly accepted: number
  /** Were overtaken by a later commit of the same key and event time, and leave the quarantine as settled. */
  readonly superseded: number
  /** Stay where they are. */
  readonly refused: number
  readonly stillRefused: readonly { readonly rule: string; readonly rows: number }[]
  /** Snapshot that holds what passed; null when nothing did. */
  readonly snapshot: number | null
}

/**
 * Holds a group's refused rows against its contract of now. What passes is committed, known from that commit on, for nobody
 * could have known it before; the rest stays. The quarantine is emptied after the commit: a replay that dies in between
 * finds the same rows stored when it is run again.
 */
export async function replayQuarantine(options: ReplayOptions): Promise<Replay> {
  const { project, command, lockWaitMs: waitMs, signal } = options
  const group = project.groups.get(options.group)
  if (group === undefined) throw unknownGroup(project, options.group)
  const readers = await listReaders(project.registry)
  const lock = await acquireLock(join(project.store, '_locks'), group.name, { command, waitMs, signal })
  const engine = await openProjectEngine(project)
  const replay = () =>
    options.reporter.task(`replay ${group.name}`, async (task) => {
      const replayed = await replayGroup(engine, options, group, readers)
      task.update(`${replayed.accepted} accepted, ${replayed.refused} refused`)
      return replayed
    })
  return withCleanUp(
    () => withCleanUp(replay, () => engine.close()),
    () => lock.release(),
  )
}

async function replayGroup(
  engine: Engine,
  options: ReplayOptions,
  group: FeatureGroup,
  readers: readonly Reader[],
): Promise<Replay> {
  const { project, dryRun, by, clock, signal } = options
  const { name } = group
  const reading = readers.filter((reader) => reader.group === name).map(describeReader)
  const settled = await settleContract(
    project.store,
    group,
    async () => reading,
    async () => sameTransform,
  )
  const stored = await readSnapshot(tablePath(project.store, name, settled.version))
  const judged = await judgeQuarantine(engine, {
    group,
    quarantined: await quarantineRelation(project.store, name),
    snapshot: stored,
    now: clock(),
  })
  const { tried, accepted, superseded, refused, stillRefused, settledRows } = judged
  const counts = { tried, accepted, superseded, refused, stillRefused }
  const nothing = { group: name, contractVersion: settled.version, dryRun, ...counts, snapshot: null }
  if (dryRun) return nothing
  const committed =
    accepted === 0 ? null : await commitAccepted(engine, options, group, judged, await settled.publish(by, clock()))
  const snapshot = committed ?? stored?.rowsVersion
  if (snapshot === undefined) return nothing
  // Also where nothing passes now: the replay that committed may have died before this.
  const { release, profile, sync } = followUps(name)
  const outcome = { group: name, status: committed === null ? 'nothing to do' : 'committed', snapshot } as const
  const quarantine = { engine, root: project.store, group: name, settled: settledRows, now: clock(), signal }
  if (accepted + superseded > 0) await afterCommit(outcome, release, () => releaseQuarantine(quarantine))
  const reference = { group: name, contractVersion: settled.version }
  await afterCommit(outcome, profile, () => profileSnapshot(engine, project, reference, signal))
  await afterCommit(outcome, sync, () => syncVersions(engine, project, name, { readers, clock, signal }))
  return { ...nothing, snapshot: committed }
}

/** The values are those that the transform gave then. */
const sameTransform: TransformDecision = { change: 'none', publish: undefined }

async function commitAccepted(
  engine: Engine,
  { project, clock, command, signal }: ReplayOptions,
  group: FeatureGroup,
  judged: JudgedRows,
  contract: Awaited<ReturnType<Awaited<ReturnType<typeof settleContract>>['publish']>>,
): Promise<number> {
  const now = clock()
  const { snapshot } = await commitRows({
    engine,
    root: project.store,
    contract,
    candidate: judged.candidate,
    inputDigest: digestOf({ replay: group.name, at: now.toISOString() }),
    runId: newId(now),
    clock,
    command,
    signal,
  })
  return snapshot
}

function unknownGroup(project: Project, name: string): FtiError {
  return new FtiError(featureErrors.FTI_GROUP_UNKNOWN, {
    message: `there is no feature group '${name}' in ${project.name}`,
    place: project.file,
    remedy: didYouMean(name, project.groups.keys()),
  })
}
