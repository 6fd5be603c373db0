import { Args } from '@oclif/core'
import { BaseCommand, type Page } from '../../cli/index.ts'
import { parseSnapshotSelector } from '../../contract/index.ts'
import type { SnapshotDifference } from '../../feature/index.ts'

export default class FeatureDiff extends BaseCommand {
  static override summary =
    'Compare two snapshots of a feature group: rows added and restated, values changed, statistics'
  static override args = {
    from: Args.string({ required: true, description: 'The older one: group@17 or group@{2026-05-01T00:00Z}' }),
    to: Args.string({ description: 'The newer one; the newest snapshot without it' }),
  }
  static override examples = [
    '<%= config.bin %> feature diff airport_departures@17 airport_departures@23',
    {
      description: 'What has been learned since the first of May',
      command: '<%= config.bin %> feature diff "airport_departures@{2026-05-01T00:00Z}"',
    },
  ]

  async run(): Promise<void> {
    const { args } = await this.parse(FeatureDiff)
    const project = await this.openProject({ published: 'unchecked' })
    const { diffSnapshots } = await import('../../feature/index.ts')
    const from = parseSnapshotSelector(args.from)
    const to = parseSnapshotSelector(args.to ?? from.group)
    const difference = await diffSnapshots(project, from, to, this.signal)
    await this.present(difference, (page) => show(page, difference))
  }
}

function show(page: Page, { from, to, added, removed, restated, features }: SnapshotDifference): void {
  page.heading(`${from.group}@${from.snapshot} to ${to.group}@${to.snapshot}`)
  page.line(`${added} values added, ${restated} restated, ${removed} removed`)
  page.table(
    ['feature', 'changed', 'nulls', 'nulls now', 'distinct', 'distinct now', 'mean', 'mean now', 'shift'],
    features.map(({ name, changed, before, after, shift }) => [
      name,
      changed,
      before.nullShare,
      after.nullShare,
      before.distinct,
      after.distinct,
      before.mean,
      after.mean,
      shift === null ? null : `${shift.toFixed(2)} sd`,
    ]),
  )
}
