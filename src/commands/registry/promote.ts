import { Args, Flags } from '@oclif/core'
import { actor } from '../../base/index.ts'
import { BaseCommand, toned } from '../../cli/index.ts'

export default class RegistryPromote extends BaseCommand {
  static override isAction = true
  static override summary = 'Move a tag forward to a version that has met its gates'
  static override description =
    'Checks digests, gates, parity and contracts, and that the version loads. A refusal is written into the journal. Servers take up the new version by themselves.'
  static override args = {
    version: Args.string({ required: true, description: 'model@3, or model for its newest version' }),
  }
  static override flags = {
    to: Flags.string({ default: 'champion', helpValue: 'TAG', description: 'Tag to move' }),
    expect: Flags.integer({
      helpValue: 'VERSION',
      description: 'Only if the tag names this version now (compare and swap)',
    }),
    why: Flags.string({ helpValue: 'REASON', description: 'Reason, kept in the journal' }),
  }
  static override examples = [
    '<%= config.bin %> registry promote late_departure@1',
    { description: 'Only from version 1', command: '<%= config.bin %> registry promote late_departure --expect 1' },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RegistryPromote)
    const project = await this.openProject({ published: 'unchecked' })
    const { promote } = await import('../../operations/index.ts')
    const promoted = await promote(project, {
      version: args.version,
      tag: flags.to,
      expect: flags.expect,
      by: actor(),
      why: flags.why,
      now: new Date(),
      signal: this.signal,
    })
    const { entry, gates } = promoted
    await this.present(promoted, (page) => {
      for (const { gate, found } of gates) page.line(toned('good', 'passed '), `${gate}: ${found}`)
      const before = entry.from === null ? '' : ` (was version ${entry.from})`
      page.line(`${entry.model}@${entry.tag} is version ${entry.version}${before}, journal entry ${entry.entry}`)
      for (const { name, model, tag } of project.services.values())
        if (model === entry.model && tag === entry.tag)
          page.line(`Next: fti serve ${name}; a server that runs takes it up by itself`)
    })
  }
}
