import { Args, Flags } from '@oclif/core'
import { exitCode, parseTime } from '../../base/index.ts'
import { BaseCommand, type Page } from '../../cli/index.ts'
import type { EntityValues } from '../../feature/index.ts'

export default class FeatureGet extends BaseCommand {
  static override summary = 'Read the values of one entity, as known at a moment, and as the online store has them'
  static override description = 'Ends with 1 when nothing was known of the entity.'
  static override args = { group: Args.string({ required: true, description: 'Feature group' }) }
  static override flags = {
    key: Flags.string({
      required: true,
      multiple: true,
      helpValue: 'NAME=VALUE',
      description: 'Entity key; once per column',
    }),
    at: Flags.string({ helpValue: 'TIME', description: 'What was true and known at this time; now without it' }),
    'as-of': Flags.string({ helpValue: 'SNAPSHOT', description: 'Read an older snapshot: a number or a time' }),
  }
  static override examples = [
    '<%= config.bin %> feature get aircraft_last_flight --key tailnum=N14228',
    {
      description: 'As it was known on the first of March 2013 at noon',
      command: '<%= config.bin %> feature get aircraft_last_flight --key tailnum=N14228 --at 2013-03-01T12:00Z',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FeatureGet)
    const project = await this.openProject()
    const { getValues, parseKey } = await import('../../feature/index.ts')
    const found = await getValues(project, {
      group: args.group,
      key: parseKey(flags.key),
      at: flags.at === undefined ? new Date() : parseTime(flags.at),
      snapshot: flags['as-of'] === undefined ? undefined : snapshotAt(flags['as-of']),
    })
    await this.present(found, (page) => show(page, found), found.stored === null ? exitCode.failed : exitCode.done)
  }
}

/** A snapshot's number, or the moment whose snapshot is meant. */
function snapshotAt(text: string): number | Date {
  return /^\d+$/.test(text) ? Number(text) : parseTime(text)
}

function absence({ absence: none }: EntityValues): string {
  if (none?.why === 'known later') return `its first value is known from ${none.knownFrom}; see it with --at`
  if (none?.why === 'deleted') return 'its value was deleted'
  return 'no row of this key is stored: it was never seen, or it was forgotten, which leaves no trace'
}

function show(page: Page, found: EntityValues): void {
  const online = found.online?.values ?? {}
  const names = [...new Set([...Object.keys(found.stored ?? {}), ...Object.keys(online)])]
  if (found.stored === null) {
    const key = Object.entries(found.key).map(([name, value]) => `${name}=${value}`)
    page.line(`no value of ${found.group} for ${key.join(', ')} was known at ${found.at} (snapshot ${found.snapshot})`)
    page.line(absence(found))
  } else {
    const key = Object.values(found.key).join(', ')
    page.line(`${found.group} ${key} as known at ${found.at}, snapshot ${found.snapshot}`)
  }
  if (names.length === 0) return
  page.table(
    ['column', 'feature store', `online store${found.online?.asOf ? ` as of ${found.online.asOf}` : ''}`],
    names.map((name) => [name, found.stored?.[name], online[name]]),
  )
}
