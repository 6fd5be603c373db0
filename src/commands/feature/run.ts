import { Args, Flags } from '@oclif/core'
import { actor, exitCode, parseDuration } from '../../base/index.ts'
import { BaseCommand, showFeaturePreview, showFeatureRun } from '../../cli/index.ts'

export default class FeatureRun extends BaseCommand {
  static override isAction = true
  static override summary = 'Run feature pipelines: read sources, transform, check the contract, commit, sync online'
  static override description =
    'Runs in order of dependency. A group whose input and code are those of its last commit has nothing to do. A group that fails before its commit stops those that read it, and no other. A group that declares `incremental` computes what is new, or the range from --from to --to, in intervals that each land in one commit: killed in the middle, the same command goes on where it stopped.'
  static override strict = false
  static override args = {
    groups: Args.string({ description: 'Feature groups to run; all when none is named' }),
  }
  static override flags = {
    from: Flags.string({
      helpValue: 'TIME',
      exclusive: ['full'],
      description: 'Compute from this time on, whatever is covered: a date (midnight UTC) or a time with a zone',
    }),
    to: Flags.string({
      helpValue: 'TIME',
      dependsOn: ['from'],
      description: 'And before this time; now when left out',
    }),
    full: Flags.boolean({ description: 'Compute everything again, also where the input is that of the last commit' }),
    'dry-run': Flags.boolean({ description: 'Print what would be computed, and why; write nothing' }),
    'lock-timeout': Flags.string({
      default: '60s',
      helpValue: 'DURATION',
      description: 'How long to wait for another run of the same group',
    }),
  }
  static override examples = [
    '<%= config.bin %> feature run',
    { description: 'Only two groups', command: '<%= config.bin %> feature run airport_departures aircraft' },
    {
      description: 'A range of an incremental group again, for rows that came later than its lookback',
      command: '<%= config.bin %> feature run airport_departures --from 2013-01-01 --to 2013-03-01',
    },
    {
      description: 'What that would compute',
      command: '<%= config.bin %> feature run airport_departures --from 2013-01-01 --to 2013-03-01 --dry-run',
    },
    { description: 'Everything again', command: '<%= config.bin %> feature run --full' },
  ]

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(FeatureRun)
    const project = await this.openProject()
    const { runFeatureGroups, previewRun, parseExtent, describeSourceChange } = await import('../../feature/index.ts')
    const extent = parseExtent(flags, new Date())
    const asked = { project, groups: argv as string[], extent, signal: this.signal }
    if (flags['dry-run']) {
      const preview = await previewRun(asked)
      return this.present({ preview }, (page) => showFeaturePreview(page, preview))
    }
    const groups = await runFeatureGroups({
      ...asked,
      by: actor(),
      command: this.commandLine,
      lockWaitMs: parseDuration(flags['lock-timeout']),
      reporter: this.reporter,
    })
    const failed = groups.find((report) => report.status === 'failed')
    await this.present(
      { groups },
      (page) => showFeatureRun(page, groups, describeSourceChange),
      failed?.error?.exit ?? exitCode.done,
    )
  }
}
