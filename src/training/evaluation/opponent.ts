import { FtiError } from '../../base/index.ts'
import type { Lineage, Signature } from '../../contract/index.ts'
import { type ColumnBatch, type Engine, quoteText } from '../../engine/index.ts'
import { compileNetwork, decodeNetwork } from '../../model/index.ts'
import type { Project } from '../../project/index.ts'
import { journalHead, listVersions, readVersion, type VersionFiles } from '../../registry/index.ts'
import type { TrainingDataset } from '../../store/index.ts'
import { compileEncoder, parseTransforms } from '../../transform/index.ts'
import type { SplitData } from '../matrix.ts'
import type { Metric } from './metrics.ts'
import { columnsFor, readsTheSame, sentColumns } from './opponent-columns.ts'
import { rankRows, type ScoredRows } from './ranking.ts'

/** The scores of another version on the same test rows, or why it cannot be compared. */
export type Opponent =
  | { readonly kind: 'none' }
  | { readonly kind: 'scored'; readonly version: number; readonly rows: ScoredRows }
  | { readonly kind: 'incomparable'; readonly version: number; readonly why: string }

/** The test rows of the version that is judged. */
export interface Arena {
  readonly engine: Engine
  readonly project: Pick<Project, 'registry' | 'store'>
  readonly model: string
  readonly dataset: TrainingDataset
  readonly test: SplitData
  /** How the columns of `test` were computed. */
  readonly signature: Signature
  readonly onDemandDigest: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Lets a registered version score the test rows of another one, where that is a fair fight: it has not trained on
 * them, and it gets the columns that it would have been served, which need not be those of the other.
 */
export async function scoreVersion(arena: Arena, version: number): Promise<Opponent> {
  const { project, model, dataset, test } = arena
  const incomparable = (why: string): Opponent => ({ kind: 'incomparable', version, why })
  try {
    const files = await readVersion(project.registry, model, version)
    const lineage = await readJson<Lineage>(files, 'lineage.json')
    const { trainedUntil } = lineage.dataset
    if (Date.parse(trainedUntil) > Date.parse(dataset.boundaries.testStarts))
      return incomparable(`it was trained on rows until ${trainedUntil}, which are among the test rows`)
    const signature = await readJson<Signature>(files, 'signature.json')
    const given = new Set(dataset.columns.map(({ name }) => name))
    const missing = sentColumns(signature).find((name) => !given.has(name))
    if (missing) return incomparable(`it is asked with '${missing}', which the spine no longer gives`)
    const same = readsTheSame(signature, lineage.onDemandDigest, arena.signature, arena.onDemandDigest)
    const columns = same ? test.columns : await ownColumns(arena, files, signature)
    return { kind: 'scored', version, rows: await scoreRows(files, { columns, labels: test.labels }) }
  } catch (error) {
    if (arena.signal?.aborted) throw error
    // A damaged version must not stop the training of its successor; it can only not be compared with.
    if (error instanceof FtiError) return incomparable(error.message)
    throw error
  }
}

async function ownColumns(arena: Arena, files: VersionFiles, signature: Signature): Promise<ColumnBatch> {
  const { engine, project, dataset, signal } = arena
  const examples = `SELECT * FROM read_parquet(${quoteText(dataset.paths.test)})`
  return columnsFor({ engine, store: project.store, examples, time: dataset.time, files, signature, signal })
}

/** The scores that a version's own files give to rows. */
export async function scoreRows(files: VersionFiles, { columns, labels }: SplitData): Promise<ScoredRows> {
  const text = async (name: string) => (await files.read(name)).toString('utf8')
  const encoder = compileEncoder(parseTransforms(await text('transforms.json')))
  const network = compileNetwork(decodeNetwork(await text('model.json'), await files.read('weights.bin')))
  return rankRows(Float64Array.from(network.predictBatch(encoder.encodeBatch(columns), columns.rows)), labels)
}

export async function readJson<T>(files: VersionFiles, name: string): Promise<T> {
  return JSON.parse((await files.read(name)).toString('utf8')) as T
}

const recentVersions = 5

export interface Opponents {
  readonly byTag: ReadonlyMap<string, Opponent>
  /**
   * The last five versions that met their gates. One that failed them (it leaked, it was shown values too early) is no
   * bar for others.
   */
  readonly recent: readonly Opponent[]
}

/** Everyone with whom a new version is compared, each scored once. A tag that names nothing is absent. */
export async function scoreOpponents(arena: Arena, tags: Iterable<string>): Promise<Opponents> {
  const { project, model } = arena
  const scored = new Map<number, Opponent>()
  const score = async (version: number) => {
    const opponent = scored.get(version) ?? (await scoreVersion(arena, version))
    scored.set(version, opponent)
    return opponent
  }
  const head = await journalHead(project.registry, model)
  const byTag = new Map<string, Opponent>()
  for (const tag of tags) {
    const version = head.tags[tag]
    if (version !== undefined) byTag.set(tag, await score(version))
  }
  const met = (await listVersions(project.registry, model)).filter(
    ({ state, summary }) => state === 'ok' && (summary as { promotable?: boolean } | null)?.promotable === true,
  )
  const recent: Opponent[] = []
  for (const { version } of met.slice(0, recentVersions)) recent.push(await score(version))
  return { byTag, recent }
}

/** The opponent with the best metric; none where nobody was scored. */
export function bestOf(opponents: readonly Opponent[], metric: Metric): Opponent {
  let best: Opponent = { kind: 'none' }
  let bestValue = Number.NaN
  for (const opponent of opponents) {
    if (opponent.kind !== 'scored') continue
    const value = metric.over(opponent.rows)()
    if (Number.isNaN(value)) continue
    const isBetter = metric.better === 'higher' ? value > bestValue : value < bestValue
    if (Number.isNaN(bestValue) || isBetter) [best, bestValue] = [opponent, value]
  }
  return best
}
