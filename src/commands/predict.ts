import { join } from 'node:path'
import { Flags } from '@oclif/core'
import { counted, parseTime } from '../base/index.ts'
import { BaseCommand } from '../cli/index.ts'
import { parseVersionSelector } from '../contract/index.ts'

export default class Predict extends BaseCommand {
  static override isAction = true
  static override summary = 'Predict every row of a file, with the code and the features that serve requests'
  static override description =
    'Takes entity keys and request columns, looks features up in the online store, and writes the rows with their predictions. The output appears whole or not at all.'
  static override flags = {
    input: Flags.string({ required: true, helpValue: 'FILE', description: 'csv, ndjson or parquet' }),
    output: Flags.string({
      required: true,
      helpValue: 'FILE',
      description: 'csv, ndjson or parquet; replaced when it exists',
    }),
    model: Flags.string({
      helpValue: 'MODEL@REF',
      description: 'Which version; the champion of the only model without it',
    }),
    now: Flags.string({ helpValue: 'TIME', description: 'Stand at a moment of the past; see feature sync --as-of' }),
    'on-unknown-entity': Flags.option({ options: ['impute', 'refuse'] as const })({
      default: 'impute',
      description: 'An entity that was never seen: predict from imputed features with a warning, or stop',
    }),
  }
  static override examples = [
    '<%= config.bin %> predict --input flights.csv --output predictions.parquet',
    {
      description: 'With a version that is not champion, on a day of the past',
      command:
        '<%= config.bin %> predict --model late_departure@2 --input flights.csv --output out.csv --now 2013-12-10T12:00Z',
    },
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(Predict)
    const project = await this.openProject({ published: 'unchecked' })
    const { onlyModel, predictFile } = await import('../inference/index.ts')
    const { resolveRegistered } = await import('../operations/index.ts')
    const selector = parseVersionSelector(flags.model ?? onlyModel(project))
    const version = await resolveRegistered(project, selector)
    const result = await this.reporter.task(`predict with ${selector.model}@${version}`, (task) =>
      predictFile({
        ...{ registry: project.registry, online: project.online, model: selector.model, version, task },
        input: this.path(flags.input),
        output: this.path(flags.output),
        now: flags.now === undefined ? undefined : parseTime(flags.now),
        onUnknownEntity: flags['on-unknown-entity'],
        tempDirectory: join(project.state, 'tmp'),
        signal: this.signal,
      }),
    )
    const { rows, model, output, imputed } = result
    await this.present(result, (page) =>
      page.line(`${counted(rows, 'row')} predicted by ${model} in ${output}, ${imputed} with imputed features`),
    )
  }
}
