import { Args } from '@oclif/core'
import { BaseCommand, toned } from '../../cli/index.ts'

export default class DatasetList extends BaseCommand {
  static override summary = 'List the training datasets of a model, or of all models, newest first'
  static override args = { model: Args.string({ description: 'Model; all without it' }) }
  static override examples = ['<%= config.bin %> dataset list', '<%= config.bin %> dataset list late_departure']

  async run(): Promise<void> {
    const { args } = await this.parse(DatasetList)
    const project = await this.openProject({ published: 'unchecked' })
    const { listTrainingDatasets } = await import('../../training/index.ts')
    const datasets = await listTrainingDatasets(project, args.model)
    await this.present({ datasets }, (page) => {
      if (datasets.length === 0) return page.line('there is no training dataset; make one with: fti dataset build')
      return page.table(
        ['model', 'dataset', 'as of', 'train', 'validation', 'test', 'bytes', 'versions', 'made'],
        datasets.map(({ model, id, asOf, rows, bytes, versions, created, problem }) => [
          model,
          id,
          asOf,
          rows?.train,
          rows?.validation,
          rows?.test,
          bytes,
          versions.join(', '),
          problem === null ? created : toned('bad', problem),
        ]),
      )
    })
  }
}
