import { Args, Flags } from '@oclif/core'
import { counted } from '../../base/index.ts'
import { BaseCommand, type Page, toned } from '../../cli/index.ts'
import type { NewGroup } from '../../feature/index.ts'

export default class FeatureNew extends BaseCommand {
  static override summary = 'Start a feature group from a file of data: writes its SQL and its part of the project file'
  static override description =
    'DuckDB reads types, key and times from the data; flags say what it cannot know. What is assumed is said, and stands as a comment in the project file, whose other lines stay as they are.'
  static override args = { name: Args.string({ required: true, description: 'Name of the new group' }) }
  static override flags = {
    from: Flags.string({
      required: true,
      helpValue: 'FILE',
      description: 'csv, tsv, json, ndjson or parquet; stays where it is',
    }),
    key: Flags.string({ helpValue: 'COLUMN,…', description: 'Columns that name the thing that a row is about' }),
    time: Flags.string({ helpValue: 'COLUMN', exclusive: ['static'], description: 'When a row was true' }),
    static: Flags.boolean({ description: 'One value per key and no event time' }),
    'available-at': Flags.string({
      helpValue: 'COLUMN',
      exclusive: ['static', 'available-after'],
      description: 'When a row was known; unless given, a column called so, such as received_at, else the event time',
    }),
    'available-after': Flags.string({
      helpValue: 'DURATION',
      exclusive: ['static'],
      description: 'Time from the event until a row is known, where no column says so',
    }),
    'time-zone': Flags.string({ helpValue: 'ZONE', description: 'Zone of times that carry none; UTC unless given' }),
    owner: Flags.string({ helpValue: 'TEAM', description: 'Team or person who answers for the group' }),
    'dry-run': Flags.boolean({ description: 'Show what would be written, write nothing' }),
  }
  static override examples = [
    '<%= config.bin %> feature new station_weather --from data/weather.csv',
    {
      description: 'What the data does not say',
      command:
        '<%= config.bin %> feature new station_weather --from data/weather.csv --key station --time measured_at --available-after 1h',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FeatureNew)
    const project = await this.openProject({ published: 'unchecked' })
    const { newGroup } = await import('../../feature/index.ts')
    const made = await newGroup({
      project,
      name: args.name,
      from: this.path(flags.from),
      key: flags.key?.split(',').map((name) => name.trim()),
      time: flags.time,
      isStatic: flags.static,
      availableAt: flags['available-at'],
      availableAfter: flags['available-after'],
      timeZone: flags['time-zone'],
      owner: flags.owner,
      dryRun: flags['dry-run'],
    })
    await this.present(made, (page) => show(page, made))
  }
}

function show(page: Page, made: NewGroup) {
  const { group, source, entity, key, eventTime, availableAt, availableAfter, features, rows } = made
  const { assumed, isUnique, files, written } = made
  page.facts([
    ['Group', group],
    ['Source', `${source}, ${counted(rows, 'row')}`],
    ['Entity', `${entity} (${key.join(', ')})`],
    ['Event time', eventTime ?? 'none: static'],
    ['Known at', availableAt ?? (availableAfter === null ? null : `${availableAfter} after ${eventTime}`)],
    [
      'Features',
      Object.entries(features)
        .map(([name, type]) => `${name} ${type}`)
        .join(', '),
    ],
  ])
  if (assumed.length > 0) page.heading('Assumed')
  for (const { text, flag } of assumed) page.line(`  ${text}`, toned('dim', `  (else ${flag})`))
  if (!isUnique)
    page.line(
      toned('warn', 'warn '),
      `several rows share one ${key.join(', ')}${eventTime ? ` and ${eventTime}` : ''}: aggregate, or choose one, in the SQL`,
    )
  page.files(files, written)
  if (written.length > 0) page.line(`Next: look at both files, then: fti check && fti feature run ${group}`)
}
