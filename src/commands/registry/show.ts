import { Args } from '@oclif/core'
import { BaseCommand, showMarkdown, toned } from '../../cli/index.ts'

export default class RegistryShow extends BaseCommand {
  static override summary = 'Show a version: its card, and with --json all that it says of itself'
  static override args = {
    version: Args.string({ required: true, description: 'model@3, model@champion, or model for the newest' }),
  }
  static override examples = ['<%= config.bin %> registry show late_departure@1']

  async run(): Promise<void> {
    const { args } = await this.parse(RegistryShow)
    const project = await this.openProject({ published: 'unchecked' })
    const { describeVersion } = await import('../../operations/index.ts')
    const version = await describeVersion(project, args.version)
    await this.present(version, (page) => {
      if (version.lineage.ignoreAvailableAt)
        page.line(
          toned('bad', 'LEAKS '),
          'trained with --ignore-available-at: values were taken before they were known',
        )
      showMarkdown(page, version.card)
    })
  }
}
