import { Flags } from '@oclif/core'
import { exitCode } from '../base/index.ts'
import { BaseCommand, type Page, toned } from '../cli/index.ts'
import type { Plan as PlanData } from '../operations/index.ts'

export default class Plan extends BaseCommand {
  static override summary = 'Show what the project file would change: contracts, tables, and the models that read them'
  static override description =
    'Executes none of the project code. A compatible change is taken up by the next run; a breaking one waits for `fti apply`.'
  static override flags = {
    'exit-code': Flags.boolean({ description: 'End with exit code 3 when a change waits for approval' }),
  }
  static override examples = [
    '<%= config.bin %> plan',
    { description: 'In CI: fail when something must be applied first', command: '<%= config.bin %> plan --exit-code' },
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(Plan)
    const { makePlan } = await import('../operations/index.ts')
    const project = await this.openProject()
    const plan = await makePlan(project)
    const exit = flags['exit-code'] && plan.needsApproval ? exitCode.pending : exitCode.done
    await this.present(plan, (page) => showPlan(page, plan), exit)
  }
}

const signs = { create: '+', none: '=', compatible: '~', breaking: '!' } as const

function showPlan(page: Page, plan: PlanData): void {
  for (const { group, action, from, to, changes, rows, readers } of plan.groups) {
    const version = from === null ? `new, v${to}` : from === to ? `v${from}` : `v${from} -> v${to}`
    const tone = action === 'breaking' ? 'bad' : action === 'none' ? 'dim' : 'good'
    page.line(toned(tone, `${signs[action]} ${group}`), `  ${version}  ${action === 'none' ? 'unchanged' : action}`)
    for (const change of changes) page.line(`    ${change.class.padEnd(10)} ${change.subject}: ${change.what}`)
    if (action === 'breaking')
      page.line(`    ${rows.toLocaleString('en')} rows of v${from} stay readable; v${to} is filled by the next run`)
    for (const reader of readers)
      page.line(
        `    read by ${reader.model}@${reader.version} (${reader.tags.join(', ')}): ${reader.features.join(', ')}`,
      )
  }
  const count = (action: string) => plan.groups.filter((group) => group.action === action).length
  page.line(
    `Plan ${plan.id}: ${count('create')} to create, ${count('compatible')} compatible, ${count('breaking')} breaking, ${count('none')} unchanged.`,
  )
  if (plan.needsApproval) page.line(`Apply with: fti apply ${plan.id}`)
}
