import { Args, Flags } from '@oclif/core'
import { actor, exitCode, parseDuration } from '../../base/index.ts'
import { BaseCommand, showFeatureRun } from '../../cli/index.ts'

export default class FeatureRun extends BaseCommand {
  static override isAction = true
  static override summary = 'Run feature pipelines: read sources, transform, check the contract, commit, sync online'
  static override description =
    'Runs in order of dependency. A group whose input and code are those of its last commit has nothing to do. A group that fails before its commit stops those that read it, and no other.'
  static override strict = false
  static override args = {
    groups: Args.string({ description: 'Feature groups to run; all when none is named' }),
  }
  static override flags = {
    'lock-timeout': Flags.string({
      default: '60s',
      helpValue: 'DURATION',
      description: 'How long to wait for another run of the same group',
    }),
  }
  static override examples = [
    '<%= config.bin %> feature run',
    { description: 'Only two groups', command: '<%= config.bin %> feature run airport_departures aircraft' },
  ]

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(FeatureRun)
    const project = await this.openProject()
    const { runFeatureGroups, describeSourceChange } = await import('../../feature/index.ts')
    const groups = await runFeatureGroups({
      project,
      groups: argv as string[],
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
