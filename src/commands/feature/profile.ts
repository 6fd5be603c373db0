import { Args } from '@oclif/core'
import { counted } from '../../base/index.ts'
import { BaseCommand, type Page, sparkline } from '../../cli/index.ts'
import { type ColumnProfile, parseSnapshotSelector } from '../../contract/index.ts'
import type { GroupProfile } from '../../feature/index.ts'

export default class FeatureProfile extends BaseCommand {
  static override summary =
    'Show the statistics of every feature of a group: nulls, range, quantiles, histogram, top values'
  static override args = {
    group: Args.string({ required: true, description: 'group, group@17 or group@{2026-05-01T00:00Z}' }),
  }
  static override examples = [
    '<%= config.bin %> feature profile airport_departures',
    { description: 'As it was at snapshot 0', command: '<%= config.bin %> feature profile airport_departures@0' },
  ]

  async run(): Promise<void> {
    const { args } = await this.parse(FeatureProfile)
    const project = await this.openProject({ published: 'unchecked' })
    const { profileGroup } = await import('../../feature/index.ts')
    const { group, at } = parseSnapshotSelector(args.group)
    const moment = at.kind === 'snapshot' ? at.snapshot : at.kind === 'time' ? at.time : undefined
    const found = await profileGroup(project, group, moment, this.signal)
    await this.present(found, (page) => show(page, found))
  }
}

function show(page: Page, { group, snapshot, profile }: GroupProfile): void {
  page.heading(`${group}@${snapshot}: ${counted(profile.rows, 'row')}`)
  for (const column of profile.columns) {
    page.blank().heading(`${column.name} (${column.type})`)
    page.facts([
      ['Values', column.count - column.nulls],
      ['Nulls', column.count === 0 ? column.nulls : `${column.nulls} (${percent(column.nulls / column.count)})`],
      ['Distinct', column.distinct],
      ['Range', column.min === undefined ? null : `${column.min} to ${column.max}`],
      ...numbers(column),
    ])
    if (column.histogram) page.line(sparkline(column.histogram.counts))
    const top = column.top?.slice(0, 10) ?? []
    if (top.length > 0) page.bars(top.map(({ value, count }) => ({ label: String(value), value: count })))
  }
}

function numbers({ mean, standardDeviation, quantiles }: ColumnProfile): [string, string | number][] {
  if (mean === undefined || standardDeviation === undefined) return []
  const [p5, p25, p50, p75, p95] = (quantiles ?? []).map((value) => Number(value.toPrecision(4)))
  return [
    ['Mean', `${Number(mean.toPrecision(4))}, deviation ${Number(standardDeviation.toPrecision(4))}`],
    ['Quantiles', `5 % ${p5}, 25 % ${p25}, median ${p50}, 75 % ${p75}, 95 % ${p95}`],
  ]
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
