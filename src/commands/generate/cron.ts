import { join } from 'node:path'
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/index.ts'

export default class GenerateCron extends BaseCommand {
  static override summary = 'Write the crontab line that runs whatever is due'
  static override description =
    'Prints the line; with --output it is written to a file. `fti run` decides what is due, so one line is enough.'
  static override examples = [
    '<%= config.bin %> generate cron',
    { description: 'Every quarter of an hour', command: '<%= config.bin %> generate cron --every 15m' },
  ]
  static override flags = {
    every: Flags.string({
      helpValue: 'DURATION',
      default: '5m',
      description: 'How often cron calls; must divide an hour',
    }),
    output: Flags.string({ helpValue: 'DIR', description: 'Write the file below this folder' }),
    replace: Flags.boolean({ description: 'Overwrite a file that differs', dependsOn: ['output'] }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(GenerateCron)
    const project = await this.openProject({ published: 'unchecked' })
    const { generate } = await import('../../operations/index.ts')
    const { files, written } = await generate('cron', project, {
      environment: this.environment,
      program: join(this.config.root, 'bin/run.js'),
      every: flags.every,
      output: flags.output && this.path(flags.output),
      replace: flags.replace,
    })
    await this.present({ files, written }, (page) => page.files(files, written))
  }
}
