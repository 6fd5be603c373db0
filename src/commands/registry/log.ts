import { Args, Flags } from '@oclif/core'
import { parseTime } from '../../base/index.ts'
import { BaseCommand } from '../../cli/index.ts'

export default class RegistryLog extends BaseCommand {
  static override summary = 'Show the journal of a model: what was registered, promoted, rolled back or refused'
  static override args = { model: Args.string({ required: true, description: 'Model' }) }
  static override flags = { at: Flags.string({ helpValue: 'TIME', description: 'What the tags named at this time' }) }
  static override examples = [
    '<%= config.bin %> registry log late_departure',
    {
      description: 'Which version was champion then',
      command: '<%= config.bin %> registry log late_departure --at 2026-05-03',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RegistryLog)
    const project = await this.openProject({ published: 'unchecked' })
    const { showJournal, showTagsAt } = await import('../../operations/index.ts')
    if (flags.at !== undefined) {
      const tags = await showTagsAt(project, args.model, parseTime(flags.at))
      return this.present({ model: args.model, at: flags.at, tags }, (page) => {
        for (const [tag, version] of Object.entries(tags)) page.line(`${args.model}@${tag} was version ${version}`)
        if (Object.keys(tags).length === 0) page.line('no tag named a version then')
      })
    }
    const entries = await showJournal(project, args.model)
    await this.present({ model: args.model, entries }, (page) =>
      page.table(
        ['entry', 'at', 'what', 'version', 'tag', 'before', 'by', 'why'],
        entries.map((entry) => [
          entry.entry,
          entry.at,
          entry.kind,
          entry.version,
          entry.tag,
          entry.from,
          entry.by,
          entry.why,
        ]),
      ),
    )
  }
}
