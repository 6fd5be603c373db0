import { join } from 'node:path'
import { Args } from '@oclif/core'
import { exitCode } from '../../base/index.ts'
import { BaseCommand, toned } from '../../cli/index.ts'

export default class StoreVerify extends BaseCommand {
  static override summary = 'Read every table again, to the last page, and compare it with its log and its contract'
  static override description =
    'Entries and checkpoints of the log; size, digest, rows and every page of the data files of the newest snapshot; columns and rows against the contract; without a group the training datasets too. Ends with exit code 5 when something is damaged. Changes nothing.'
  static override strict = false
  static override args = { groups: Args.string({ description: 'Feature groups; everything when none is named' }) }
  static override examples = ['<%= config.bin %> store verify', '<%= config.bin %> store verify airport_departures']

  async run(): Promise<void> {
    const { argv } = await this.parse(StoreVerify)
    const { store: root, state } = await this.openProject({ published: 'unchecked' })
    const { verifyStore } = await import('../../store/index.ts')
    const work = { root, groups: argv as string[], tempDirectory: join(state, 'tmp'), now: new Date() }
    const { tables, datasets, findings } = await verifyStore({ ...work, signal: this.signal })
    const corrupt = findings.filter(({ severity }) => severity === 'corrupt').length
    const rest = findings.length - corrupt
    await this.present(
      { tables, datasets, findings },
      (page) => {
        for (const { severity, place, problem, remedy } of findings)
          page.line(
            toned(severity === 'corrupt' ? 'bad' : 'warn', severity.padEnd(8)),
            `${place}: ${problem}\n         fix: ${remedy}`,
          )
        const verdict = findings.length === 0 ? 'all sound' : `${corrupt} corrupt, ${rest} warnings`
        page.line(`${tables} tables, ${datasets} training datasets: ${verdict}`)
      },
      corrupt > 0 ? exitCode.corrupt : exitCode.done,
    )
  }
}
