import { Args } from '@oclif/core'
import { formatDuration } from '../../base/index.ts'
import { BaseCommand, type Page, showError, toned } from '../../cli/index.ts'
import type { Run } from '../../runs/index.ts'

export default class RunsShow extends BaseCommand {
  static override summary = 'Show one run: what it read and made, how it ended, what it told'
  static override args = { run: Args.string({ required: true, description: 'Id of the run, from fti runs list' }) }
  static override examples = ['<%= config.bin %> runs show 20261121t101500123-9f3a2c7d1b']

  async run(): Promise<void> {
    const { args } = await this.parse(RunsShow)
    const project = await this.openProject({ published: 'unchecked' })
    const { findRun } = await import('../../runs/index.ts')
    const run = await findRun(project.state, args.run)
    await this.present(run, (page) => show(page, run))
  }
}

function show(page: Page, run: Run): void {
  page.heading(`${run.pipeline} ${run.id}`)
  if (run.status === 'corrupt') {
    page.line(toned('bad', 'corrupt'), `: its record ${run.problem}`)
    return
  }
  const { pid, host } = run.owner
  page.facts([
    ['Status', run.status],
    ['Command', run.command],
    ['Started', run.startedAt],
    ['Finished', run.finishedAt],
    ['Took', run.durationMs === null ? null : formatDuration(run.durationMs)],
    ['Process', `${pid} on ${host}`],
    ['Reason', run.reason],
  ])
  showValues(page, 'inputs', run.inputs)
  showValues(page, 'outputs', run.outputs)
  if (run.error) showError(page, run.error)
  if (run.log && run.log.length > 0) page.heading('log')
  for (const { at, level, text } of run.log ?? [])
    page.line(toned('dim', `${at} `), level === 'warn' ? toned('warn', text) : text)
}

function showValues(page: Page, title: string, values: unknown): void {
  if (values === null || typeof values !== 'object') return
  page.heading(title)
  page.facts(Object.entries(values).map(([name, value]) => [name, textOf(value)]))
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
