import { Args, Flags } from '@oclif/core'
import { counted } from '../base/index.ts'
import { BaseCommand, type Page, toned } from '../cli/index.ts'
import type { QueryResult } from '../feature/index.ts'

/** Where a program reads the result, it is not cut to what fits a screen. */
const rowsOnTerminal = 50
const rowsElsewhere = 10_000

export default class Sql extends BaseCommand {
  static override summary = 'Look at feature groups with one SELECT, now or at a snapshot; nothing can be changed'
  static override description =
    'A group is its latest value per key and event time, GROUP__history its raw rows. GROUP@17 is a snapshot, GROUP@{2026-05-01T00:00Z} the one of that time. The query can read feature groups and reaches no file, no address and no setting.'
  static override args = { query: Args.string({ required: true, description: 'One SELECT in the SQL of DuckDB' }) }
  static override flags = {
    limit: Flags.integer({ min: 1, helpValue: 'ROWS', description: 'Rows to show; 50 on a terminal, else 10000' }),
    format: Flags.option({ options: ['csv', 'ndjson', 'parquet'] as const })({
      exclusive: ['json', 'limit'],
      description: 'All rows in this format instead of a table',
    }),
    output: Flags.string({
      helpValue: 'FILE',
      dependsOn: ['format'],
      description: 'The file to write; standard output without it. Replaced when it exists',
    }),
  }
  static override examples = [
    '<%= config.bin %> sql "select origin, avg(delay_mean_1h) from airport_departures group by all"',
    {
      description: 'What was restated since snapshot 3',
      command:
        '<%= config.bin %> sql "from airport_departures select * except select * from airport_departures@3" --format csv',
    },
    {
      description: 'Every stored version of one value, as a file',
      command:
        '<%= config.bin %> sql "from airport_departures__history where origin = \'EWR\'" --format parquet --output ewr.parquet',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Sql)
    const project = await this.openProject({ published: 'unchecked' })
    const { exportQuery, runQuery } = await import('../feature/index.ts')
    const { format, output } = flags
    if (format === undefined) {
      const limit = flags.limit ?? (process.stdout.isTTY ? rowsOnTerminal : rowsElsewhere)
      const result = await runQuery(project, { sql: args.query, limit, signal: this.signal })
      return this.present(result, (page) => show(page, result, limit))
    }
    const exported = await exportQuery(project, {
      sql: args.query,
      format,
      output: output === undefined ? undefined : this.path(output),
      write: (bytes) => this.write(bytes),
      signal: this.signal,
    })
    if (output !== undefined)
      await this.present(exported, (page) => page.line(`${counted(exported.rows, 'row')} in ${output}`))
  }
}

function show(page: Page, { columns, rows, truncated }: QueryResult, limit: number): void {
  const names = columns.map(({ name }) => name)
  page.table(
    names,
    rows.map((row) => names.map((name) => row[name])),
  )
  if (truncated) page.line(toned('dim', `the first ${limit} rows; more with --limit, all with --format csv`))
}
