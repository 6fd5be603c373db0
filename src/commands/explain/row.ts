import { Args, Flags } from '@oclif/core'
import { formatDuration, parseTime } from '../../base/index.ts'
import { BaseCommand, type Page, type Tone, toned } from '../../cli/index.ts'
import type { GroupExplanation, RowExplanation } from '../../training/index.ts'

export default class ExplainRow extends BaseCommand {
  static override summary = 'Show among which stored values the point-in-time join chose for one row, and why'
  static override description =
    'Every stored value of the entity is chosen, superseded, too old, not yet known, or not yet true at the time of the row. A row of a training dataset is explained from the snapshots that the dataset was made from.'
  static override args = {
    model: Args.string({ required: true, description: 'Model, model@3, or the id of a training dataset' }),
  }
  static override flags = {
    row: Flags.integer({
      helpValue: 'NUMBER',
      min: 0,
      exactlyOne: ['row', 'key'],
      description: 'Number of the row in the training dataset (_row)',
    }),
    key: Flags.string({
      multiple: true,
      helpValue: 'NAME=VALUE',
      dependsOn: ['at'],
      description: 'Key column of the spine; once per column',
    }),
    at: Flags.string({ helpValue: 'TIME', dependsOn: ['key'], description: 'The moment of the prediction' }),
    limit: Flags.integer({
      helpValue: 'NUMBER',
      min: 1,
      max: 1000,
      default: 8,
      description: 'Candidates to list, on each side of the time',
    }),
  }
  static override examples = [
    '<%= config.bin %> explain row late_departure --row 1207',
    {
      description: 'An entity at a moment, from the newest snapshots',
      command: '<%= config.bin %> explain row late_departure --key origin=EWR --at 2013-03-01T12:00Z',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ExplainRow)
    const project = await this.openProject()
    const { parseKey } = await import('../../feature/index.ts')
    const { explainRow } = await import('../../training/index.ts')
    const asked = {
      reference: args.model,
      row: flags.row,
      key: parseKey(flags.key ?? []),
      at: flags.at === undefined ? undefined : parseTime(flags.at),
      limit: flags.limit,
    }
    const explained = await explainRow(project, asked, this.signal)
    await this.present(explained, (page) => show(page, explained))
  }
}

function show(page: Page, { model, dataset, at, row, label, groups }: RowExplanation): void {
  page.heading(`${model} at ${at}`)
  page.facts([
    ['Dataset', dataset ?? 'none: the newest snapshots'],
    [
      'Row',
      Object.entries(row)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ],
    ['Label', label],
  ])
  for (const group of groups) showGroup(page, group)
}

function showGroup(page: Page, found: GroupExplanation): void {
  const { group, as, contractVersion, snapshot, maxAgeMs, missingKey, candidates, counts } = found
  const limits = maxAgeMs === null ? '' : `, not older than ${formatDuration(maxAgeMs)}`
  page.blank().heading(`${group}@${snapshot}, contract v${contractVersion}${as === null ? '' : `, as ${as}`}${limits}`)
  if (missingKey.length > 0) return void page.line(`not looked up: give --key ${missingKey.join('=… --key ')}=…`)
  if (candidates.length === 0) return void page.line('no value of this entity is stored')
  const features = Object.keys(candidates[0]?.values ?? {})
  page.table(
    ['', ...features, 'event time', 'available at', 'committed', 'snapshot'],
    candidates.map((entry) => [
      toned(tones[entry.verdict], entry.verdict),
      ...features.map((name) => entry.values[name]),
      entry.eventTime,
      entry.availableAt,
      entry.committedAt,
      entry.snapshot,
    ]),
  )
  const more = Object.entries(counts).filter(([, rows]) => rows > 0)
  page.line(toned('dim', more.map(([verdict, rows]) => `${rows} ${verdict}`).join(', ')))
}

const tones: Readonly<Record<GroupExplanation['candidates'][number]['verdict'], Tone>> = {
  chosen: 'good',
  superseded: 'dim',
  'too old': 'warn',
  'not yet known': 'warn',
  'not yet true': 'dim',
}
