import { Args, Flags } from '@oclif/core'
import { exitCode, parseDuration, parseTime } from '../../base/index.ts'
import { BaseCommand, type Page, toned } from '../../cli/index.ts'
import type { LeakCheck } from '../../training/index.ts'

export default class FeatureLeakcheck extends BaseCommand {
  static override summary = 'Look for the future in the training data of a model'
  static override description =
    'Scores every feature alone, holds the moments at which values and labels became known against the times of the rows, and looks for entities that are in train and in test. Ends with exit code 1 when something must be explained.'
  static override args = {
    model: Args.string({ description: 'Model of the project file; may be left out when there is one' }),
  }
  static override flags = {
    'as-of': Flags.string({ helpValue: 'TIME', description: 'Labels and features as they were known at this time' }),
    shift: Flags.string({
      helpValue: 'DURATION',
      description: 'Also score every feature as if it had become known later by this much',
    }),
  }
  static override examples = [
    '<%= config.bin %> feature leakcheck late_departure',
    {
      description: 'What is lost if everything comes an hour later',
      command: '<%= config.bin %> feature leakcheck late_departure --shift 1h',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FeatureLeakcheck)
    const project = await this.openProject()
    const { leakCheck } = await import('../../training/index.ts')
    const found = await leakCheck({
      project,
      model: args.model,
      asOf: flags['as-of'] === undefined ? new Date() : parseTime(flags['as-of']),
      shiftMs: flags.shift === undefined ? undefined : parseDuration(flags.shift),
      reporter: this.reporter,
      signal: this.signal,
    })
    await this.present(found, (page) => show(page, found), found.problems.length > 0 ? exitCode.failed : exitCode.done)
  }
}

function show(page: Page, { model, dataset, problems, scores, availability, overlap }: LeakCheck): void {
  page.heading(`${model}, dataset ${dataset}`)
  page.table(
    ['column', 'score alone', 'known later', ''],
    scores.map(({ column, score, shifted, isImplausible }) => [
      column,
      Number(score.toFixed(3)),
      shifted === null ? null : Number(shifted.toFixed(3)),
      isImplausible ? toned('bad', 'implausible') : '',
    ]),
  )
  page.table(
    ['known after the label', 'rows'],
    [
      ['the time of the row', availability.afterLabel],
      ...availability.groups.map(({ name, afterLabel }) => [name, afterLabel]),
    ],
  )
  page.table(
    ['entity', 'in test', 'in train too', 'share of test rows'],
    overlap.map(({ key, entities, shared, rowShare }) => [
      key.join(', '),
      entities,
      shared,
      Number(rowShare.toFixed(3)),
    ]),
  )
  for (const problem of problems) page.line(toned('bad', 'LEAK? '), problem)
  if (problems.length === 0) page.line(toned('good', 'ok '), 'nothing that knows the future was found')
}
