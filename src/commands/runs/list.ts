import { Flags } from '@oclif/core'
import { formatDuration } from '../../base/index.ts'
import { BaseCommand, type Tone, toned } from '../../cli/index.ts'

const tones: Readonly<Record<string, Tone>> = { done: 'good', failed: 'bad', crashed: 'bad', corrupt: 'bad' }

export default class RunsList extends BaseCommand {
  static override summary = 'List the runs of all pipelines, newest first'
  static override flags = {
    pipeline: Flags.string({ helpValue: 'NAME', description: 'Only this one: feature-GROUP or train-MODEL' }),
    limit: Flags.integer({ helpValue: 'RUNS', default: 20, min: 1, max: 10_000, description: 'How many at most' }),
  }
  static override examples = [
    '<%= config.bin %> runs list',
    '<%= config.bin %> runs list --pipeline train-late_departure --limit 5',
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(RunsList)
    const project = await this.openProject({ published: 'unchecked' })
    const { recentRuns } = await import('../../operations/index.ts')
    const runs = await recentRuns(project, flags)
    await this.present({ runs }, (page) => {
      if (runs.length === 0) return page.line('nothing has run yet; run what is due with: fti run')
      return page.table(
        ['run', 'pipeline', 'status', 'started', 'took', 'summary'],
        runs.map(({ id, pipeline, status, startedAt, durationMs, code, summary }) => [
          id,
          pipeline,
          toned(tones[status] ?? 'dim', status),
          startedAt,
          durationMs === null ? null : formatDuration(durationMs),
          code === null ? summary : `${code} ${summary}`,
        ]),
      )
    })
  }
}
