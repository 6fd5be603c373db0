import { Flags } from '@oclif/core'
import { counted } from '../../base/index.ts'
import { BaseCommand } from '../../cli/index.ts'

export default class DocsBuild extends BaseCommand {
  static override summary = 'Write a catalogue of groups, features, statistics, lineage and models as one HTML page'
  static override description =
    'The page needs no server and no network: open it, mail it, or put it on any web server. Made anew, it replaces the old one.'
  static override flags = {
    output: Flags.string({ default: 'catalogue', helpValue: 'DIR', description: 'Folder for index.html' }),
  }
  static override examples = [
    '<%= config.bin %> docs build',
    { description: 'For a web server', command: '<%= config.bin %> docs build --output /var/www/features' },
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(DocsBuild)
    const project = await this.openProject()
    const { buildCatalogue } = await import('../../operations/index.ts')
    const built = await buildCatalogue(project, this.path(flags.output), new Date())
    const { file, groups, models, sources } = built
    await this.present(built, (page) =>
      page.line(
        `${file}: ${counted(groups, 'feature group')}, ${counted(models, 'model')}, ${counted(sources, 'source')}`,
      ),
    )
  }
}
