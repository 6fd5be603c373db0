import type { Model } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import { sourceColumns } from '../../store/index.ts'
import type { BuiltDataset } from '../dataset/build-dataset.ts'
import { joinedGroup, joinFeatures } from '../dataset/join-features.ts'
import { neededColumns } from '../dataset/spine.ts'

/** What was known when, over all labelled rows of the spine. */
export interface Availability {
  readonly rows: number
  /** Rows whose time is not before the moment at which their label became known: the answer was there already. */
  readonly afterLabel: number
  /** The longest time by which a label was known before its row's time, milliseconds; 0 where none was. */
  readonly earliestMs: number
  readonly groups: readonly {
    readonly name: string
    /** Rows whose value became known after their label. */
    readonly afterLabel: number
  }[]
}

/** Joins once more with the moments at which each value became known. Needs the tables that `buildDataset` leaves. */
export async function checkAvailability(
  engine: Engine,
  model: Model,
  { signature, sources }: BuiltDataset,
  signal: AbortSignal | undefined,
): Promise<Availability> {
  const columns = [...neededColumns(model, sources.groups).keys()].map(quoteName).join(', ')
  const output = '_with_sources'
  await joinFeatures(engine, {
    signature,
    groups: sources.groups,
    spine: `SELECT ${columns}, _label_available_at FROM _labelled`,
    time: model.time,
    output,
    withSources: true,
    signal,
  })
  const names = signature.groups.map((use) => joinedGroup(use, sources.groups).name)
  const late = names.map(
    (name, index) =>
      `count(*) FILTER (${quoteName(sourceColumns(name).availableAt)} > _label_available_at) AS late_${index}`,
  )
  const time = quoteName(model.time)
  const [found] = await engine.rows<Record<string, number | null>>(
    `SELECT ${[
      'count(*) AS rows',
      `count(*) FILTER (${time} >= _label_available_at) AS known`,
      `max(epoch_ms(${time}) - epoch_ms(_label_available_at)) AS earliest`,
      ...late,
    ].join(', ')} FROM ${output}`,
    signal,
  )
  return {
    rows: found?.['rows'] ?? 0,
    afterLabel: found?.['known'] ?? 0,
    earliestMs: Math.max(0, found?.['earliest'] ?? 0),
    groups: names.map((name, index) => ({ name, afterLabel: found?.[`late_${index}`] ?? 0 })),
  }
}
