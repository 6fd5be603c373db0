import { counted, formatDuration } from '../../base/index.ts'
import type { DatasetDescription, DescribedGroup } from '../../training/index.ts'
import { type Cell, type Page, toned } from './page.ts'

/** A training dataset as `fti dataset build` and `show` present it. */
export function showDatasetDescription(page: Page, found: DatasetDescription): void {
  const { model, id, labels, asOf, columns, versions, snapshots } = found
  page.heading(`${model} ${id}`)
  page.facts([
    ['Folder', found.directory],
    ['As of', asOf],
    ['Made', found.created],
    ['Forgotten', found.forgotten && `${counted(found.forgotten.rows, 'row')} erased, last at ${found.forgotten.at}`],
    ['Columns', columns.map(({ name }) => name).join(', ')],
    [
      'Labels',
      labels && `${labels.mature} known, ${labels.immature} not yet known, ${labels.unmatched} without a label`,
    ],
    ['Snapshots', snapshots.map((s) => `${s.group}@${s.snapshot} (v${s.contractVersion})`).join(', ')],
    ['Trained on it', versions.map((version) => `${model}@${version}`).join(', ') || 'none'],
  ])
  page.table(
    ['split', 'rows', 'first', 'last', 'label'],
    found.parts.map(({ part, rows, first, last, labelMean }) => [part, rows, first, last, labelMean]),
  )
  page.table(['columns', 'from', 'by', 'plan', 'late share', 'matched', 'too old', 'max age'], found.groups.map(joined))
  if (found.ignoreAvailableAt)
    page.line(toned('bad', 'LEAKS '), 'made with --ignore-available-at: values were taken before they were known')
  if (found.shiftAvailabilityMs > 0)
    page.line(toned('warn', 'shifted '), `values count as known ${formatDuration(found.shiftAvailabilityMs)} later`)
}

function joined(group: DescribedGroup): Cell[] {
  const { snapshot, on, plan, lateShare, matched, tooOld, maxAgeMs } = group
  const keys = Object.entries(on).map(([key, column]) => (key === column ? key : `${key} = ${column}`))
  return [
    group.columns.join(', '),
    snapshot === null ? group.group : `${group.group}@${snapshot}`,
    keys.join(', '),
    plan,
    lateShare,
    matched,
    tooOld,
    maxAgeMs === null ? null : formatDuration(maxAgeMs),
  ]
}
