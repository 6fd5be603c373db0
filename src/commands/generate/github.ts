import { join } from 'node:path'
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/index.ts'

export default class GenerateGithub extends BaseCommand {
  static override summary = 'Write a GitHub workflow that checks, plans and tests on every pull request'
  static override description = 'Prints the workflow; with --output it is written below the root of the repository.'
  static override examples = [
    '<%= config.bin %> generate github',
    { description: 'Into the repository', command: '<%= config.bin %> generate github --output .' },
  ]
  static override flags = {
    output: Flags.string({ helpValue: 'DIR', description: 'Write the file below this folder' }),
    replace: Flags.boolean({ description: 'Overwrite a file that differs', dependsOn: ['output'] }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(GenerateGithub)
    const project = await this.openProject({ published: 'unchecked' })
    const { generate } = await import('../../operations/index.ts')
    const { files, written } = await generate('github', project, {
      environment: this.environment,
      program: join(this.config.root, 'bin/run.js'),
      every: '5m',
      output: flags.output && this.path(flags.output),
      replace: flags.replace,
    })
    await this.present({ files, written }, (page) => page.files(files, written))
  }
}
