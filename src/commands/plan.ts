import { Flags } from '@oclif/core'
import { exitCode } from '../base/index.ts'
import { BaseCommand, policiesOf, showPlan, transformFlags, typedPolicies } from '../cli/index.ts'

export default class Plan extends BaseCommand {
  static override summary =
    'Show what the project file would change: contracts, tables, backfills, and the models that read them'
  static override description =
    'Made from the project file, its SQL and the store; executes none of the project code and changes nothing. A compatible change is taken up by the next run; a breaking one waits for `fti apply`. Times are estimates from past runs of this machine.'
  static override flags = {
    ...transformFlags,
    'exit-code': Flags.boolean({ description: 'End with exit code 3 when changes are pending' }),
  }
  static override examples = [
    '<%= config.bin %> plan',
    {
      description: 'In CI: fail while the project file is ahead of the store',
      command: '<%= config.bin %> plan --exit-code',
    },
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(Plan)
    const { makePlan } = await import('../operations/index.ts')
    const project = await this.openProject()
    const plan = await makePlan(project, policiesOf(flags))
    const pending = flags['exit-code'] && plan.pending ? exitCode.pending : exitCode.done
    const exit = plan.problems[0]?.exit ?? pending
    await this.present(plan, (page) => showPlan(page, plan, typedPolicies(flags)), exit)
  }
}
