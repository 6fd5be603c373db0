import { Args, Flags } from '@oclif/core'
import { actor, counted, exitCode, parseDuration } from '../../base/index.ts'
import { BaseCommand, type Page, toned } from '../../cli/index.ts'
import { parseContractSelector } from '../../contract/index.ts'
import type { RetirementPlan } from '../../feature/index.ts'

export default class FeatureRetire extends BaseCommand {
  static override isAction = true
  static override summary = 'Remove an old contract version: its table and its online namespace'
  static override description =
    'Without --yes it only names what would go. Refused while a tag points to a model version that reads it. The published contract and who retired it when and why stay in the store.'
  static override args = { version: Args.string({ required: true, description: 'Such as airport_departures@v1' }) }
  static override flags = {
    yes: Flags.boolean({ description: 'Do it' }),
    why: Flags.string({ helpValue: 'REASON', description: 'Reason, kept with the retirement' }),
    'lock-timeout': Flags.string({ default: '60s', helpValue: 'DURATION', description: 'How long to wait for a run' }),
  }
  static override examples = [
    '<%= config.bin %> feature retire airport_departures@v1',
    {
      description: 'Do it, with a reason',
      command: '<%= config.bin %> feature retire airport_departures@v1 --yes --why "champion reads v2"',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FeatureRetire)
    const project = await this.openProject()
    const { planRetirement, retire } = await import('../../feature/index.ts')
    const { refuseLostRegistry } = await import('../../operations/index.ts')
    await refuseLostRegistry(project)
    const selector = parseContractSelector(args.version)
    const by = { by: actor(), why: flags.why, now: new Date(), command: this.commandLine }
    const lockWaitMs = parseDuration(flags['lock-timeout'])
    const done = flags.yes ? await retire(project, { selector, ...by, lockWaitMs, signal: this.signal }) : null
    const plan = done?.plan ?? (await planRetirement(project, selector))
    const exit = done === null && plan.refusals.length > 0 ? exitCode.failed : exitCode.done
    await this.present({ plan, retirement: done?.retirement ?? null }, (page) => show(page, plan, done !== null), exit)
  }
}

function show(page: Page, plan: RetirementPlan, isDone: boolean): void {
  const { table, online, refusals, lost, datasets } = plan
  const name = `${plan.group}@v${plan.contractVersion}`
  const goes = isDone ? 'gone      ' : 'would go  '
  if (table)
    page.line(
      `${goes} ${table.path}: ${counted(table.rows, 'row')}, ${counted(table.files, 'file')}, ${counted(table.bytes, 'byte')}`,
    )
  if (online) page.line(`${goes} online namespace v${plan.contractVersion}: ${counted(online.keys, 'key')}`)
  for (const version of lost) page.line(`lost       ${version} reads it: no promotion and no roll back to it any more`)
  for (const dataset of datasets) page.line(`stays      training dataset ${dataset}, but it cannot be made again`)
  for (const refusal of refusals) page.line(toned('bad', 'refused    '), refusal)
  if (isDone) page.line(`retired ${name}`)
  else if (refusals.length === 0) page.line(`Retire it with: fti feature retire ${name} --yes`)
}
