import { Args, Flags } from '@oclif/core'
import { exitCode, parseDuration } from '../../base/index.ts'
import { BaseCommand, showForgetting } from '../../cli/index.ts'

export default class FeatureForget extends BaseCommand {
  static override summary =
    'Erase an entity from tables, quarantine, training datasets, online store and prediction logs'
  static override description =
    'Without --yes it only names what holds the entity, and which model versions cannot be made again afterwards. Groups with the same key are all erased from. Older snapshots that read an erased file can no longer be read. Killed in the middle, the same command finishes. Remove the entity from the sources first: the next run brings back what they still have. Files that have the key are named, other sources are listed.'
  static override args = { group: Args.string({ required: true, description: 'A feature group about the entity' }) }
  static override flags = {
    key: Flags.string({
      multiple: true,
      required: true,
      helpValue: 'NAME=VALUE',
      description: 'Entity key; once for each of its columns',
    }),
    yes: Flags.boolean({ description: 'Do it' }),
    'lock-timeout': Flags.string({ default: '60s', helpValue: 'DURATION', description: 'How long to wait for a run' }),
  }
  static override examples = [
    '<%= config.bin %> feature forget aircraft --key tailnum=N14228',
    {
      description: 'Do it',
      command: '<%= config.bin %> feature forget aircraft --key tailnum=N14228 --yes',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FeatureForget)
    const project = await this.openProject({ published: 'unchecked' })
    const { parseKey } = await import('../../feature/index.ts')
    const { forget } = await import('../../operations/index.ts')
    const { plan, left } = await forget(project, {
      group: args.group,
      key: parseKey(flags.key),
      apply: flags.yes === true,
      now: new Date(),
      command: `fti feature forget ${args.group}`,
      lockWaitMs: parseDuration(flags['lock-timeout']),
      signal: this.signal,
    })
    const isLeft = left !== null && left.requests.length > 0
    const exit = isLeft ? exitCode.failed : exitCode.done
    await this.present({ plan, left }, (page) => showForgetting(page, plan, left), exit)
  }
}
