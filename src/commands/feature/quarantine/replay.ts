import { Args, Flags } from '@oclif/core'
import { actor, counted, parseDuration } from '../../../base/index.ts'
import { BaseCommand, type Page } from '../../../cli/index.ts'
import type { Replay } from '../../../feature/index.ts'

export default class FeatureQuarantineReplay extends BaseCommand {
  static override isAction = true
  static override summary = 'Try refused rows again under the contract of now: what passes is committed, the rest stays'
  static override description =
    'Rows that pass are known from this commit on. A row whose key and event time were committed after it was refused is settled, and leaves without being stored. A fault in the transform is cured by a run, not by a replay: the values here are those that it gave.'
  static override args = { group: Args.string({ required: true, description: 'Feature group' }) }
  static override flags = {
    'dry-run': Flags.boolean({ description: 'Say what would pass, and change nothing' }),
    'lock-timeout': Flags.string({ default: '60s', helpValue: 'DURATION', description: 'How long to wait for a run' }),
  }
  static override examples = [
    '<%= config.bin %> feature quarantine replay airport_departures --dry-run',
    '<%= config.bin %> feature quarantine replay airport_departures',
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FeatureQuarantineReplay)
    const project = await this.openProject()
    const { replayQuarantine } = await import('../../../feature/index.ts')
    const replay = await replayQuarantine({
      project,
      group: args.group,
      dryRun: flags['dry-run'],
      clock: () => new Date(),
      by: actor(),
      command: this.commandLine,
      lockWaitMs: parseDuration(flags['lock-timeout']),
      reporter: this.reporter,
      signal: this.signal,
    })
    await this.present(replay, (page) => show(page, replay))
  }
}

function show(page: Page, replay: Replay): void {
  for (const { rule, rows } of replay.stillRefused) page.line(`${counted(rows, 'row')}: ${rule}`)
  const { tried, accepted, superseded, refused } = replay
  const would = replay.dryRun ? 'Would be ' : ''
  page.line(`${would}accepted=${accepted} superseded=${superseded} refused=${refused} of ${tried}`)
  if (replay.snapshot !== null) page.line(`${replay.group} v${replay.contractVersion}, snapshot ${replay.snapshot}`)
}
