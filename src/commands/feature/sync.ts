import { Args, Flags } from '@oclif/core'
import { parseDuration, parseTime } from '../../base/index.ts'
import { BaseCommand } from '../../cli/index.ts'

export default class FeatureSync extends BaseCommand {
  static override isAction = true
  static override summary = 'Copy the latest values to the online store, or those of a moment of the past'
  static override description =
    'A feature run syncs by itself. With --as-of the online store is put at that moment and stays there until the next sync: for demos on historical data, for tests, and to re-live an incident.'
  static override strict = false
  static override args = {
    groups: Args.string({ description: 'Feature groups to sync; those that models read when none is named' }),
  }
  static override flags = {
    'as-of': Flags.string({ helpValue: 'TIME', description: 'The moment to put the online store at' }),
    'lock-timeout': Flags.string({ default: '60s', helpValue: 'DURATION', description: 'How long to wait for a run' }),
  }
  static override examples = [
    '<%= config.bin %> feature sync',
    { description: 'Replay a day', command: '<%= config.bin %> feature sync --as-of 2013-12-10T12:00Z' },
  ]

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(FeatureSync)
    const project = await this.openProject()
    const { syncGroups } = await import('../../feature/index.ts')
    const synced = await syncGroups({
      project,
      groups: argv as string[],
      asOf: flags['as-of'] === undefined ? undefined : parseTime(flags['as-of']),
      now: new Date(),
      command: 'fti feature sync',
      lockWaitMs: parseDuration(flags['lock-timeout']),
      reporter: this.reporter,
      signal: this.signal,
    })
    await this.present({ groups: synced }, (page) =>
      page.table(
        ['group', 'contract', 'keys', 'snapshot', 'as of'],
        synced.map(({ group, contractVersion, state }) => [
          group,
          `v${contractVersion}`,
          state.rows,
          state.snapshot,
          state.asOf ?? state.syncedAt,
        ]),
      ),
    )
  }
}
