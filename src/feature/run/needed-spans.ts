import { FtiError } from '../../base/index.ts'
import type { FeatureGroup, IncrementalSource, Source } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { listGroups, openGroup } from '../../store/index.ts'
import { allTime, hullOf, type Interval } from '../incremental/interval.ts'
import { planIntervals, type RunExtent } from '../incremental/plan-intervals.ts'
import { findInputs } from '../transforms/inputs.ts'
import type { OrderedGroup } from '../transforms/order-groups.ts'
import { readCoverage } from './read-coverage.ts'

/** Source -> the span of time that the groups of a run need of it, for sources that need not be fetched whole. */
export async function neededSpans(
  engine: Engine,
  project: Project,
  ordered: readonly OrderedGroup[],
  extent: RunExtent,
): Promise<Map<string, Interval>> {
  const spans = new Map<string, Interval>()
  const isAny = [...project.sources.values()].some((source) => fetchedByTime(source) !== undefined)
  for (const { group } of isAny ? ordered : []) {
    if (group.incremental === undefined) continue
    const needed = await spanOf(engine, project, group, extent)
    for (const { name, span } of needed) spans.set(name, hullOf([span, spans.get(name) ?? span]))
  }
  return spans
}

function fetchedByTime(source: Source | undefined): IncrementalSource | undefined {
  return source?.type === 'postgres' ? source.incremental : undefined
}

async function spanOf(engine: Engine, project: Project, group: FeatureGroup, extent: RunExtent) {
  try {
    const inputs = await findInputs(engine, project, group, await listGroups(project.store))
    const sources = inputs.sources.flatMap((name) => project.sources.get(name) ?? [])
    const fetched = sources.flatMap((source) => {
      const { historyMs } = fetchedByTime(source) ?? {}
      return historyMs === undefined ? [] : [{ name: source.name, historyMs }]
    })
    if (fetched.length === 0) return []
    const span = await computedSpan(engine, project, group, { inputs, sources }, extent)
    const windows = Object.values(group.aggregates ?? {}).map(({ overMs }) => overMs)
    const before = Math.max(0, ...windows)
    return fetched.map(({ name, historyMs }) => ({ name, span: { ...span, from: span.from - before - historyMs } }))
  } catch (error) {
    // What is wrong with the group its own run says.
    if (error instanceof FtiError) return []
    throw error
  }
}

async function computedSpan(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  made: Pick<Parameters<typeof readCoverage>[3], 'inputs' | 'sources'> & { inputs: { groups: readonly string[] } },
  extent: RunExtent,
): Promise<Interval> {
  if (extent.kind === 'range') return extent.range
  if (extent.kind === 'full' || group.incremental === undefined) return allTime
  // A group that this very run makes first has no rows yet, and then nothing is covered.
  const views = await Promise.all(made.inputs.groups.map((name) => openGroup(project.store, name))).catch(
    () => undefined,
  )
  if (views === undefined) return allTime
  const { known } = await readCoverage(engine, project, group, { ...made, upstream: views })
  return hullOf(planIntervals(extent, group.incremental, known, '').steps.flatMap(({ intervals }) => intervals))
}
