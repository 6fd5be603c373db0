import { Args } from '@oclif/core'
import { counted, exitCode } from '../base/index.ts'
import { BaseCommand, toned } from '../cli/index.ts'

export default class Parity extends BaseCommand {
  static override summary = 'Send rows of the training data through the served path and compare value by value'
  static override description =
    'Takes the training dataset, the snapshots and the files of a registered version. Ends with exit code 1 when serving computes anything else than training saw.'
  static override args = {
    version: Args.string({ required: true, description: 'model@3, model@champion, or model for the newest' }),
  }
  static override examples = ['<%= config.bin %> parity late_departure@champion']

  async run(): Promise<void> {
    const { args } = await this.parse(Parity)
    const project = await this.openProject({ published: 'unchecked' })
    const { verifyParity } = await import('../training/index.ts')
    const verified = await verifyParity(project, args.version, this.signal)
    const { model, version, parity } = verified
    const { passed, rows, times, values, differences } = parity
    await this.present(
      verified,
      (page) => {
        if (differences.length > 0)
          page.table(
            ['row', 'column', 'trained', 'served'],
            differences.map(({ row, column, trained, served }) => [row, column, trained, served]),
          )
        page.line(
          toned(passed ? 'good' : 'bad', passed ? 'passed ' : 'FAILED '),
          `${model}@${version}: ${counted(rows, 'row')} at ${counted(times, 'time')}, ${counted(values, 'value')} compared`,
        )
      },
      passed ? exitCode.done : exitCode.failed,
    )
  }
}
