import { Args, Flags } from '@oclif/core'
import { parseDuration, parseTime } from '../../base/index.ts'
import { BaseCommand, showDatasetDescription, toned } from '../../cli/index.ts'

export default class DatasetBuild extends BaseCommand {
  static override isAction = true
  static override summary = 'Make the training dataset of a model without training it'
  static override description =
    'Spine, labels as known, point-in-time join, splits: the same path that training takes. Equal inputs give the same dataset, so a training right after finds it.'
  static override args = {
    model: Args.string({
      description:
        'Model of the project file, or model@3 for the snapshots of a version; may be left out when there is one model',
    }),
  }
  static override flags = {
    'as-of': Flags.string({ helpValue: 'TIME', description: 'Labels and features as they were known at this time' }),
    'ignore-available-at': Flags.boolean({
      description: 'Leak on purpose: use values before they were known; recorded',
    }),
    'shift-availability': Flags.string({
      helpValue: 'DURATION',
      description: 'Pretend that values became known later',
    }),
  }
  static override examples = [
    '<%= config.bin %> dataset build late_departure',
    {
      description: 'What version 3 was trained on, once more',
      command: '<%= config.bin %> dataset build late_departure@3',
    },
    {
      description: 'What would have been known on the first of October',
      command: '<%= config.bin %> dataset build --as-of 2013-10-01T00:00Z',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DatasetBuild)
    const project = await this.openProject()
    const { makeDataset } = await import('../../training/index.ts')
    const made = await makeDataset({
      project,
      model: args.model,
      asOf: flags['as-of'] === undefined ? undefined : parseTime(flags['as-of']),
      ignoreAvailableAt: flags['ignore-available-at'],
      shiftAvailabilityMs: parseDuration(flags['shift-availability'] ?? '0s'),
      reporter: this.reporter,
      signal: this.signal,
    })
    await this.present(made, (page) => {
      showDatasetDescription(page, made)
      if (made.differsFrom !== null)
        page.line(
          toned('warn', 'warn '),
          `${made.differsFrom.version} was trained on ${made.differsFrom.dataset}: what is declared has changed since`,
        )
      if (made.status === 'found') page.line('These inputs had given it before: nothing was written.')
    })
  }
}
