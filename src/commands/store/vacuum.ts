import { Args, Flags } from '@oclif/core'
import { parseDuration } from '../../base/index.ts'
import { BaseCommand, toned } from '../../cli/index.ts'

export default class StoreVacuum extends BaseCommand {
  static override isAction = true
  static override summary = 'Name the data files that nobody needs any longer; delete them with --apply'
  static override description =
    'A file stays while a snapshot has it that was the newest one within the retention, or from which a training dataset was made. Older snapshots cannot be read afterwards. Without --apply nothing is deleted.'
  static override strict = false
  static override args = { groups: Args.string({ description: 'Feature groups; all when none is named' }) }
  static override flags = {
    retain: Flags.string({ default: '7d', helpValue: 'DURATION', description: 'How far back snapshots stay readable' }),
    apply: Flags.boolean({ default: false, aliases: ['yes'], description: 'Delete what is named' }),
  }
  static override examples = [
    '<%= config.bin %> store vacuum',
    {
      description: 'Delete what the last 30 days do not need',
      command: '<%= config.bin %> store vacuum --retain 30d --apply',
    },
  ]

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(StoreVacuum)
    const { store: root } = await this.openProject({ published: 'unchecked' })
    const { vacuumStore } = await import('../../store/index.ts')
    const work = { root, groups: argv as string[], now: new Date(), retentionMs: parseDuration(flags.retain) }
    const tables = await vacuumStore({ ...work, apply: flags.apply, signal: this.signal })
    await this.present({ tables, deleted: flags.apply }, (page) => {
      for (const { group, name, files } of tables)
        for (const { path, bytes, removedBy } of files)
          page.line(
            `${group}/${name}/${path}`,
            toned(
              'dim',
              `  ${bytes} bytes, ${removedBy === null ? 'in no snapshot' : `not since snapshot ${removedBy}`}`,
            ),
          )
      const bytes = tables.reduce((sum, table) => sum + table.bytes, 0)
      const kept = tables.reduce((sum, table) => sum + table.kept.files, 0)
      const done = flags.apply ? 'deleted' : bytes === 0 ? 'to delete' : 'to delete: run again with --apply'
      page.line(`${bytes} bytes ${done}; ${kept} old files stay for training datasets`)
    })
  }
}
