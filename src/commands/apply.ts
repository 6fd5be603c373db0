import { Args, Flags } from '@oclif/core'
import { actor } from '../base/index.ts'
import { BaseCommand, policiesOf, transformFlags } from '../cli/index.ts'

export default class Apply extends BaseCommand {
  static override isAction = true
  static override summary = 'Publish the contracts of a plan, breaking ones included, as versioned events'
  static override description =
    'With a plan id it does exactly that plan, and refuses when something has changed since. The next `fti feature run` fills the tables.'
  static override args = {
    plan: Args.string({ description: 'Id that `fti plan` printed; the plan of now without it' }),
  }
  static override flags = {
    ...transformFlags,
    why: Flags.string({ helpValue: 'REASON', description: 'Reason, kept with the contract' }),
  }
  static override examples = [
    '<%= config.bin %> apply',
    { description: 'With a reason', command: '<%= config.bin %> apply --why "delays are in seconds now"' },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Apply)
    const { apply } = await import('../operations/index.ts')
    const project = await this.openProject()
    const policies = policiesOf(flags)
    const applied = await apply(project, { id: args.plan, by: actor(), why: flags.why, policies, now: new Date() })
    await this.present(applied, (page) => {
      for (const { contract, version, class: kind } of applied.published)
        page.line(`${contract.group} v${version}  ${kind}`)
      page.line(
        applied.published.length === 0
          ? 'nothing to do'
          : `${applied.published.length} contracts published. Next: fti feature run`,
      )
    })
  }
}
