import { Args, Flags } from '@oclif/core'
import { actor, exitCode, parseDuration } from '../../base/index.ts'
import { BaseCommand, followedLine, showFeatureRun, showFollowed } from '../../cli/index.ts'
import type { Project } from '../../project/index.ts'

export default class FeaturePush extends BaseCommand {
  static override isAction = true
  static override summary = 'Hand rows from standard input to a feature group, through its transform and its contract'
  static override description =
    'The group reads a source of type push, which declares the columns. The same rows again have nothing to do. Rows are read to the end before anything is committed; with --follow each batch is, and the groups that are made from this one follow.'
  static override args = { group: Args.string({ required: true, description: 'Feature group' }) }
  static override flags = {
    format: Flags.option({ options: ['ndjson', 'csv'] as const, default: 'ndjson', description: 'Form of the rows' })(),
    source: Flags.string({
      helpValue: 'NAME',
      description: 'Push source that the rows are for, where there are several',
    }),
    follow: Flags.boolean({
      description: 'Commit in small batches until the input ends or the command is stopped; ndjson only',
    }),
    'batch-rows': Flags.integer({
      min: 1,
      dependsOn: ['follow'],
      description: 'Most rows of a batch (default: 10000)',
    }),
    'batch-seconds': Flags.integer({
      min: 1,
      dependsOn: ['follow'],
      description: 'Longest wait from the first row of a batch until it is committed (default: 5)',
    }),
    'lock-timeout': Flags.string({
      default: '60s',
      helpValue: 'DURATION',
      description: 'How long to wait for another run of the same group',
    }),
  }
  static override examples = [
    '<%= config.bin %> feature push clicks < clicks.ndjson',
    { description: 'CSV with a header', command: '<%= config.bin %> feature push clicks --format csv < clicks.csv' },
    {
      description: 'As they come, behind a pipe such as: tail -F clicks.ndjson |',
      command: '<%= config.bin %> feature push clicks --follow --batch-seconds 2',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FeaturePush)
    const project = await this.openProject()
    const shared = {
      project,
      group: args.group,
      source: flags.source,
      format: flags.format,
      rows: process.stdin,
      by: actor(),
      command: this.commandLine,
      lockWaitMs: parseDuration(flags['lock-timeout']),
      reporter: this.reporter,
      signal: this.signal,
    }
    const { 'batch-rows': rows = 10_000, 'batch-seconds': seconds = 5 } = flags
    if (flags.follow) return this.#follow(shared, rows, seconds * 1000)
    await this.#push(shared)
  }

  async #push(shared: Shared): Promise<void> {
    const { describeSourceChange, groupsMadeFrom, pushRows } = await import('../../feature/index.ts')
    const groups = await pushRows(shared)
    const exit = groups.find((report) => report.status === 'failed')?.error?.exit ?? exitCode.done
    const isNews = groups.some(({ status }) => status === 'committed')
    const behind = isNews ? await groupsMadeFrom(shared.project, shared.group) : []
    await this.present(
      { groups },
      (page) => {
        showFeatureRun(page, groups, describeSourceChange)
        if (behind.length > 0) page.line(`Next, for what is made from it: fti feature run ${behind.join(' ')}`)
      },
      exit,
    )
  }

  async #follow(shared: Shared, batchRows: number, batchMs: number): Promise<void> {
    const { followRows } = await import('../../feature/index.ts')
    const summary = await followRows({
      ...shared,
      batchRows,
      batchMs,
      onBatch: async (batch) => {
        for (const { line, reason } of batch.unreadable) this.reporter.warn(`line ${line} is quarantined: ${reason}`)
        this.reporter.info(followedLine(batch))
        await this.presentLine('batch', batch)
      },
    })
    const exit = summary.failed?.error?.exit ?? exitCode.done
    await this.presentLast('summary', summary, (page) => showFollowed(page, summary), exit)
  }
}

interface Shared {
  readonly project: Project
  readonly group: string
  readonly source: string | undefined
  readonly format: 'ndjson' | 'csv'
  readonly rows: NodeJS.ReadStream
  readonly by: string
  readonly command: string
  readonly lockWaitMs: number
  readonly reporter: FeaturePush['reporter']
  readonly signal: AbortSignal
}
