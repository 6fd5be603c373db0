import { Args, Flags } from '@oclif/core'
import { actor } from '../../base/index.ts'
import { BaseCommand } from '../../cli/index.ts'

export default class RegistryRollback extends BaseCommand {
  static override isAction = true
  static override summary = 'Move a tag back to the version that it named before'
  static override description = 'Each call goes one step further back; it never toggles between two versions.'
  static override args = { model: Args.string({ required: true, description: 'Model' }) }
  static override flags = {
    tag: Flags.string({ helpValue: 'TAG', default: 'champion', description: 'Tag to move' }),
    expect: Flags.integer({ helpValue: 'VERSION', description: 'Only if the tag names this version now' }),
    why: Flags.string({ helpValue: 'REASON', description: 'Reason, kept in the journal' }),
  }
  static override examples = ['<%= config.bin %> registry rollback late_departure']

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RegistryRollback)
    const project = await this.openProject({ published: 'unchecked' })
    const { rollBack } = await import('../../operations/index.ts')
    const entry = await rollBack(project, args.model, {
      tag: flags.tag,
      expect: flags.expect,
      by: actor(),
      why: flags.why,
      now: new Date(),
      signal: this.signal,
    })
    await this.present(entry, (page) =>
      page.line(`${entry.model}@${entry.tag} is version ${entry.version} again (was version ${entry.from})`),
    )
  }
}
