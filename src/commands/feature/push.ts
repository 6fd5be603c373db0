import { Args, Flags } from '@oclif/core'
import { actor, exitCode, parseDuration } from '../../base/index.ts'
import { BaseCommand, showFeatureRun } from '../../cli/index.ts'

export default class FeaturePush extends BaseCommand {
  static override isAction = true
  static override summary = 'Hand rows from standard input to a feature group, through its transform and its contract'
  static override description =
    'The group reads a source of type push, which declares the columns. The same rows again have nothing to do. Rows are read to the end before anything is committed.'
  static override args = { group: Args.string({ required: true, description: 'Feature group' }) }
  static override flags = {
    format: Flags.option({ options: ['ndjson', 'csv'] as const, default: 'ndjson', description: 'Form of the rows' })(),
    source: Flags.string({
      helpValue: 'NAME',
      description: 'Push source that the rows are for, where there are several',
    }),
    'lock-timeout': Flags.string({
      default: '60s',
      helpValue: 'DURATION',
      description: 'How long to wait for another run of the same group',
    }),
  }
  static override examples = [
    '<%= config.bin %> feature push clicks < clicks.ndjson',
    { description: 'CSV with a header', command: '<%= config.bin %> feature push clicks --format csv < clicks.csv' },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FeaturePush)
    const project = await this.openProject()
    const { describeSourceChange, pushRows } = await import('../../feature/index.ts')
    const groups = await pushRows({
      project,
      group: args.group,
      source: flags.source,
      format: flags.format,
      rows: process.stdin,
      by: actor(),
      command: this.commandLine,
      lockWaitMs: parseDuration(flags['lock-timeout']),
      reporter: this.reporter,
      signal: this.signal,
    })
    const failed = groups.find((report) => report.status === 'failed')
    await this.present(
      { groups },
      (page) => showFeatureRun(page, groups, describeSourceChange),
      failed?.error?.exit ?? exitCode.done,
    )
  }
}
