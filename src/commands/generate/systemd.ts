import { join } from 'node:path'
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/index.ts'

export default class GenerateSystemd extends BaseCommand {
  static override summary = 'Write systemd units: a timer that runs whatever is due, and the services'
  static override description =
    'Prints the units; with --output they are written to files. Every service of the project gets a unit of its own.'
  static override examples = [
    '<%= config.bin %> generate systemd',
    { description: 'Every quarter of an hour', command: '<%= config.bin %> generate systemd --every 15m' },
  ]
  static override flags = {
    every: Flags.string({
      helpValue: 'DURATION',
      default: '5m',
      description: 'How often the timer calls; must divide an hour',
    }),
    output: Flags.string({ helpValue: 'DIR', description: 'Write the files below this folder' }),
    replace: Flags.boolean({ description: 'Overwrite files that differ', dependsOn: ['output'] }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(GenerateSystemd)
    const project = await this.openProject({ published: 'unchecked' })
    const { generate } = await import('../../operations/index.ts')
    const { files, written } = await generate('systemd', project, {
      environment: this.environment,
      program: join(this.config.root, 'bin/run.js'),
      every: flags.every,
      output: flags.output && this.path(flags.output),
      replace: flags.replace,
    })
    await this.present({ files, written }, (page) => page.files(files, written))
  }
}
