import { Args, Flags } from '@oclif/core'
import { counted } from '../../../base/index.ts'
import { BaseCommand, type Page } from '../../../cli/index.ts'
import type { QuarantinedRow } from '../../../feature/index.ts'

export default class FeatureQuarantineShow extends BaseCommand {
  static override summary = 'Show the refused rows of a feature group with their reasons, newest first'
  static override args = { group: Args.string({ required: true, description: 'Feature group' }) }
  static override flags = {
    limit: Flags.integer({ helpValue: 'ROWS', default: 20, min: 1, max: 10_000, description: 'How many rows at most' }),
  }
  static override examples = [
    '<%= config.bin %> feature quarantine show airport_departures',
    {
      description: 'All values for another program',
      command: '<%= config.bin %> feature quarantine show airport_departures --limit 1000 --json',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FeatureQuarantineShow)
    const { showQuarantine } = await import('../../../feature/index.ts')
    const found = await showQuarantine(await this.openProject(), args.group, flags.limit)
    await this.present(found, (page) => {
      showRows(page, found.rows)
      page.line(`${found.rows.length} of ${counted(found.summary.rows, 'refused row')}`)
      if (found.rows.length > 0) page.line(`After a fix: fti feature quarantine replay ${args.group} --dry-run`)
    })
  }
}

function showRows(page: Page, rows: readonly QuarantinedRow[]): void {
  const columns = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))].filter(
    (name) => !name.startsWith('_'),
  )
  if (rows.length === 0) return
  page.table(
    ['refused at', 'reason', ...columns],
    rows.map(({ quarantinedAt, reason, values }) => [quarantinedAt, reason, ...columns.map((name) => values[name])]),
  )
}
