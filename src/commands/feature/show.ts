import { Args } from '@oclif/core'
import { BaseCommand, type Page, sparkline } from '../../cli/index.ts'
import { parseSnapshotSelector } from '../../contract/index.ts'
import type { GroupDescription } from '../../feature/index.ts'

export default class FeatureShow extends BaseCommand {
  static override summary = 'Show one feature group: contract, snapshot, statistics, who reads it'
  static override args = {
    group: Args.string({ required: true, description: 'group, group@17 or group@{2026-05-01T00:00Z}' }),
  }
  static override examples = [
    '<%= config.bin %> feature show airport_departures',
    { description: 'As it was at snapshot 0', command: '<%= config.bin %> feature show airport_departures@0' },
  ]

  async run(): Promise<void> {
    const { args } = await this.parse(FeatureShow)
    const project = await this.openProject()
    const { describeGroup } = await import('../../feature/index.ts')
    const { group, at } = parseSnapshotSelector(args.group)
    const moment = at.kind === 'snapshot' ? at.snapshot : at.kind === 'time' ? at.time : undefined
    const description = await describeGroup(project, group, moment)
    await this.present(description, (page) => show(page, description))
  }
}

function show(page: Page, found: GroupDescription): void {
  const { contract } = found
  page.facts([
    ['Group', found.group],
    ['Description', contract.description],
    ['Owner', contract.owner],
    ['Entity', `${contract.entity.name} (${Object.keys(contract.entity.key).join(', ')})`],
    ['Contract', `v${found.contractVersion}`],
    ['Snapshot', found.snapshot],
    ['Rows', found.rows],
    ['Files', found.files],
    ['Committed', found.committedAt],
    [
      'Online',
      found.online ? `${found.online.rows} keys, as of ${found.online.asOf ?? found.online.syncedAt}` : 'never synced',
    ],
    [
      'Read by',
      found.readers.map((reader) => `${reader.model}@${reader.version} (${reader.tags.join(', ')})`).join(', '),
    ],
  ])
  showFeatures(page, found)
}

function showFeatures(page: Page, { contract, profile }: GroupDescription): void {
  page.table(
    ['feature', 'type', 'unit', 'nulls', 'min', 'mean', 'max', 'distribution'],
    contract.features.map((feature) => {
      const column = profile?.columns.find(({ name }) => name === feature.name)
      return [
        feature.name,
        feature.type,
        feature.unit,
        column?.nulls,
        column?.min,
        column?.mean === undefined ? null : Number(column.mean.toPrecision(4)),
        column?.max,
        column?.histogram
          ? sparkline(column.histogram.counts)
          : column?.top
              ?.slice(0, 3)
              .map(({ value }) => value)
              .join(', '),
      ]
    }),
  )
}
