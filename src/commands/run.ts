import { actor, exitCode } from '../base/index.ts'
import { BaseCommand, type Page, showError, toned } from '../cli/index.ts'
import type { DueReport } from '../operations/index.ts'

export default class Run extends BaseCommand {
  static override isAction = true
  static override summary = 'Run whatever is due, feature groups before models'
  static override description =
    'Due is what its schedule or its retrain rules say. Call it every few minutes from cron: it never overlaps itself, and a pipeline that fails stops no other.'
  static override examples = ['<%= config.bin %> run', '<%= config.bin %> run --json']

  async run(): Promise<void> {
    await this.parse(Run)
    const project = await this.openProject()
    const { runDue } = await import('../operations/index.ts')
    const pipelines = await runDue({
      project,
      by: actor(),
      command: 'fti run',
      ftiVersion: this.config.version,
      reporter: this.reporter,
      signal: this.signal,
    })
    const failed = pipelines.some(({ status }) => status === 'failed')
    await this.present({ pipelines }, (page) => show(page, pipelines), failed ? exitCode.failed : exitCode.done)
  }
}

const tones = { done: 'good', failed: 'bad', 'not due': 'dim' } as const

function show(page: Page, pipelines: readonly DueReport[]): void {
  page.table(
    ['pipeline', 'owner', 'status', 'why', 'result'],
    pipelines.map(({ pipeline, owner, status, why, result }) => [
      pipeline,
      owner,
      toned(tones[status], status),
      why,
      result,
    ]),
  )
  for (const { error } of pipelines) if (error) showError(page, error)
  const count = (wanted: DueReport['status']) => pipelines.filter(({ status }) => status === wanted).length
  page.line(`Done. done=${count('done')} failed=${count('failed')} not-due=${count('not due')}`)
}
