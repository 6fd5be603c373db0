import { Args, Flags } from '@oclif/core'
import { actor, exitCode, parseDuration, parseTime } from '../base/index.ts'
import { BaseCommand, type Page, toned } from '../cli/index.ts'
import type { NotNeeded, Report, TrainResult } from '../training/index.ts'

export default class Train extends BaseCommand {
  static override isAction = true
  static override summary = 'Train a model: point-in-time join, split by time, fit, evaluate, gates, registered version'
  static override description =
    'Ends with exit code 1 when a gate said no: the version is registered, but cannot be promoted. Cancelled, it leaves nothing behind.'
  static override args = {
    model: Args.string({ description: 'Model of the project file; may be left out when there is one' }),
  }
  static override flags = {
    'as-of': Flags.string({ helpValue: 'TIME', description: 'Labels and features as they were known at this time' }),
    backend: Flags.option({ options: ['auto', 'wasm', 'cpu', 'tfjs-node', 'tfjs-node-gpu'] as const })({
      default: 'auto',
      description: 'What computes',
    }),
    seed: Flags.integer({
      helpValue: 'NUMBER',
      min: 0,
      max: 2_147_483_647,
      description: 'Instead of the seed of the project file',
    }),
    epochs: Flags.integer({
      helpValue: 'NUMBER',
      min: 1,
      max: 100_000,
      description: 'Instead of the epochs of the project file',
    }),
    why: Flags.string({ helpValue: 'REASON', description: 'Reason, kept in the journal' }),
    'if-needed': Flags.boolean({ description: 'Only when a retrain rule of the model fires; prints which' }),
    'ignore-available-at': Flags.boolean({
      description: 'Leak on purpose: use values before they were known; recorded',
    }),
    'shift-availability': Flags.string({
      helpValue: 'DURATION',
      description: 'Pretend that values became known later',
    }),
    'lock-timeout': Flags.string({
      default: '60s',
      helpValue: 'DURATION',
      description: 'How long to wait for another training',
    }),
  }
  static override examples = [
    '<%= config.bin %> train',
    { description: 'A quick look', command: '<%= config.bin %> train late_departure --epochs 1' },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Train)
    const project = await this.openProject()
    const { train } = await import('../training/index.ts')
    const trained = await train({
      project,
      model: args.model,
      asOf: flags['as-of'] === undefined ? new Date() : parseTime(flags['as-of']),
      backend: flags.backend,
      seed: flags.seed,
      epochs: flags.epochs,
      onlyIfNeeded: flags['if-needed'],
      ignoreAvailableAt: flags['ignore-available-at'],
      shiftAvailabilityMs: parseDuration(flags['shift-availability'] ?? '0s'),
      ftiVersion: this.config.version,
      by: actor(),
      why: flags.why,
      command: 'fti train',
      lockWaitMs: parseDuration(flags['lock-timeout']),
      reporter: this.reporter,
      signal: this.signal,
    })
    const exit = trained.status === 'trained' && !trained.report.promotable ? exitCode.failed : exitCode.done
    await this.present(trained, (page) => show(page, trained), exit)
  }
}

/** As many as fit a terminal beside the names of the baselines. */
const shownMetrics = 4

function show(page: Page, trained: TrainResult | NotNeeded): void {
  if (trained.status === 'not needed') {
    page.line(`${trained.model} needs no training: ${trained.reasons.join('; ')}`)
    return
  }
  const { report, dataset, labels } = trained
  const { train, validation, test } = dataset.rows
  const { weightsDigest, backend, parameters, epochs } = report.training
  page.heading(`${trained.model}@${trained.version}`)
  page.facts([
    ['Dataset', `${dataset.id}: ${train} train, ${validation} validation, ${test} test rows`],
    ['Labels', `${labels.mature} known, ${labels.immature} not yet known, ${labels.unmatched} without a label`],
    ['Weights', `${weightsDigest.slice(0, 16)} on ${backend}, ${parameters} parameters`],
  ])
  page.curve(
    'validation loss',
    epochs.map(({ validationLoss, loss }) => validationLoss ?? loss),
  )
  showMetrics(page, report)
  page.line(toned('dim', `More metrics, slices and importance: fti registry show ${trained.model}@${trained.version}`))
  for (const { gate, passed, found } of report.gates)
    page.line(toned(passed ? 'good' : 'bad', passed ? 'passed ' : 'FAILED '), `${gate}: ${found}`)
  const version = `${trained.model}@${trained.version}`
  if (report.promotable) page.line(`Registered. Next: fti registry promote ${version}`)
  else page.line(`Registered, but not promotable: see fti registry show ${version}`)
}

function showMetrics(page: Page, { test, baselines }: Report): void {
  const names = Object.keys(test.metrics).slice(0, shownMetrics)
  const cells = (metrics: Report['test']['metrics']) => names.map((name) => interval(metrics[name]))
  page.table(
    ['on test rows', ...names],
    [
      [toned('strong', 'this version'), ...cells(test.metrics)],
      ...baselines.map(({ name, metrics }) => [name, ...cells(metrics)]),
    ],
  )
}

function interval(estimate: Report['test']['metrics'][string] | undefined): string {
  if (estimate?.value == null) return ''
  const [low, high] = [estimate.low, estimate.high].map((bound) => bound?.toFixed(3) ?? '?')
  return `${estimate.value.toFixed(4)} (${low}-${high})`
}
