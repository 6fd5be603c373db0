import { BaseCommand } from '../../../cli/index.ts'

export default class FeatureQuarantineList extends BaseCommand {
  static override summary = 'List the feature groups that have refused rows, and why'
  static override examples = ['<%= config.bin %> feature quarantine list']

  async run(): Promise<void> {
    await this.parse(FeatureQuarantineList)
    const { listQuarantine } = await import('../../../feature/index.ts')
    const groups = await listQuarantine(await this.openProject())
    await this.present({ groups }, (page) => {
      page.table(
        ['group', 'rows', 'reason', 'refused until'],
        groups.flatMap(({ group, reasons, newest }) =>
          reasons.map(({ reason, rows }) => [group, rows, reason, newest]),
        ),
      )
      page.line(
        groups.length === 0 ? 'nothing is in quarantine' : 'Look at the rows with: fti feature quarantine show GROUP',
      )
    })
  }
}
