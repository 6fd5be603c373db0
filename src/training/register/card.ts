import type { Lineage, Model } from '../../contract/index.ts'
import type { Report } from './report.ts'

/** The model card: what the version is, how good it is beside simple rivals, and where it comes from. Markdown. */
export function modelCard(model: Model, report: Report, lineage: Lineage): string {
  const { dataset } = lineage
  return `${[
    `# ${model.name}`,
    model.description ?? '',
    lineage.ignoreAvailableAt
      ? '**Warning: trained with --ignore-available-at.** It has seen values before they were known; ' +
        'its scores are not what it would score.'
      : '',
    table(
      ['', ''],
      [
        ['owner', model.owner ?? 'not named'],
        ['task', `${model.task}: ${model.label.feature} of ${model.label.group}`],
        [
          'network',
          [model.network.type, ...(model.network.layers.length > 0 ? [model.network.layers.join('-')] : [])].join(' '),
        ],
        [
          'trained',
          `${report.training.epochs.length} epochs, best ${report.training.bestEpoch}, on ${lineage.environment.backend}`,
        ],
        ['rows', `${dataset.rows.train} train, ${dataset.rows.validation} validation, ${dataset.rows.test} test`],
        [
          'labels',
          `${dataset.labels.mature} known, ${dataset.labels.immature} not yet known, ${dataset.labels.unmatched} without a label`,
        ],
        ['data as of', dataset.asOf],
        ['snapshots', lineage.snapshots.map((s) => `${s.group}@${s.snapshot} (v${s.contractVersion})`).join(', ')],
        [
          'code',
          lineage.code.revision === null
            ? 'not under version control'
            : `${lineage.code.revision}${lineage.code.dirty ? ', with uncommitted changes' : ''}`,
        ],
      ],
    ),
    '## How good it is',
    `On ${report.test.rows} test rows, later than every row that it was trained on. Intervals are 95 % bootstrap.`,
    metricTable(report),
    '## Gates',
    report.gates.length === 0
      ? 'None declared.'
      : report.gates.map((gate) => `- ${gate.passed ? 'passed' : 'FAILED'}: ${gate.gate} (${gate.found})`).join('\n'),
    '## Slices',
    report.test.slices.length === 0 ? 'None declared.' : sliceTable(report),
    '## What it looks at',
    'Loss of the first metric when one column is shuffled among test rows.',
    table(
      ['column', 'loss'],
      report.importance.slice(0, 15).map((entry) => [entry.column, entry.loss.toFixed(4)]),
    ),
    '## What to know before using it',
    [
      '- A row is predicted from values that were known at its time; older values than `maxAge` count as missing.',
      '- An entity that was never seen gets imputed features and a warning in the reply.',
      `- Rows without a known label (${dataset.labels.immature + dataset.labels.unmatched}) took no part in training or evaluation.`,
    ].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}

function metricTable(report: Report): string {
  const names = Object.keys(report.test.metrics)
  const row = (name: string, metrics: Report['test']['metrics']) => [
    name,
    ...names.map((metric) => {
      const estimate = metrics[metric]
      return estimate ? `${fixed(estimate.value)} (${fixed(estimate.low)} to ${fixed(estimate.high)})` : ''
    }),
  ]
  return table(
    ['', ...names],
    [
      row('this version', report.test.metrics),
      ...report.baselines.map((baseline) => row(baseline.name, baseline.metrics)),
    ],
  )
}

function sliceTable(report: Report): string {
  const names = Object.keys(report.test.metrics).slice(0, 3)
  return table(
    ['slice', 'rows', ...names],
    report.test.slices.map((slice) => [
      `${slice.column} = ${slice.value}`,
      String(slice.rows),
      ...names.map((name) => fixed(slice.metrics[name])),
    ]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function fixed(value: number | null | undefined): string {
  return value?.toFixed(4) ?? 'undefined'
}
