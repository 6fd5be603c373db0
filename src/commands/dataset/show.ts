import { Args } from '@oclif/core'
import { BaseCommand, showDatasetDescription } from '../../cli/index.ts'

export default class DatasetShow extends BaseCommand {
  static override summary = 'Show a training dataset: shape, splits, snapshots, and how each column was joined'
  static override description = 'Every file is checked against the digest that it was written with.'
  static override args = {
    dataset: Args.string({ required: true, description: 'model@3, model@champion, model for the newest, or an id' }),
  }
  static override examples = [
    '<%= config.bin %> dataset show late_departure',
    { description: 'What version 3 was trained on', command: '<%= config.bin %> dataset show late_departure@3' },
  ]

  async run(): Promise<void> {
    const { args } = await this.parse(DatasetShow)
    const project = await this.openProject({ published: 'unchecked' })
    const { showDataset } = await import('../../training/index.ts')
    const dataset = await showDataset(project, args.dataset)
    await this.present(dataset, (page) => showDatasetDescription(page, dataset))
  }
}
