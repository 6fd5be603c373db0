import { join } from 'node:path'
import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/index.ts'

export default class StoreOptimize extends BaseCommand {
  static override isAction = true
  static override summary = 'Join the small files of feature tables into few'
  static override description =
    'Many small files cost more to read than one. The rows stay the same, and so do snapshots, training datasets and what is online; runs may go on meanwhile. The old files stay until `fti store vacuum`.'
  static override strict = false
  static override args = { groups: Args.string({ description: 'Feature groups; all when none is named' }) }
  static override examples = [
    '<%= config.bin %> store optimize',
    { description: 'One group', command: '<%= config.bin %> store optimize airport_departures' },
  ]

  async run(): Promise<void> {
    const { argv } = await this.parse(StoreOptimize)
    const { store: root, state } = await this.openProject({ published: 'unchecked' })
    const { optimizeStore } = await import('../../store/index.ts')
    const work = { root, groups: argv as string[], tempDirectory: join(state, 'tmp'), now: new Date() }
    const tables = await optimizeStore({ ...work, signal: this.signal })
    await this.present({ tables }, (page) =>
      page.table(
        ['group', 'table', 'files before', 'after', 'bytes before', 'after', 'version'],
        tables.map(({ group, name, before, after, version }) => [
          ...[group, name, before.files, after.files, before.bytes, after.bytes],
          version ?? 'nothing to do',
        ]),
      ),
    )
  }
}
