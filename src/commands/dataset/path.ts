import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/index.ts'

export default class DatasetPath extends BaseCommand {
  static override summary = 'Print where a training dataset lies, for pandas, Polars or DuckDB'
  static override description =
    'The folder holds train.parquet, validation.parquet and test.parquet. They are immutable: read them, never write there.'
  static override args = {
    dataset: Args.string({ required: true, description: 'model@3, model@champion, model for the newest, or an id' }),
  }
  static override flags = {
    part: Flags.option({ options: ['train', 'validation', 'test'] as const })({
      description: 'The file of one split instead of the folder',
    }),
  }
  static override examples = [
    '<%= config.bin %> dataset path late_departure@3',
    { description: 'The file of one split', command: '<%= config.bin %> dataset path late_departure --part train' },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DatasetPath)
    const project = await this.openProject({ published: 'unchecked' })
    const { findDatasetOf } = await import('../../training/index.ts')
    const { model, id, directory, paths } = await findDatasetOf(project, args.dataset)
    await this.present({ model, id, directory, paths }, (page) =>
      page.line(flags.part === undefined ? directory : paths[flags.part]),
    )
  }
}
