import { formatDuration } from '../../base/index.ts'
import type { FollowedBatch, FollowSummary } from '../../feature/index.ts'
import type { Page } from './page.ts'
import { showError } from './show-error.ts'

/** One batch of a stream in a line. */
export function followedLine({ batch, firstLine, lastLine, groups, unreadable, seconds }: FollowedBatch): string {
  const [pushed] = groups
  const quarantined = (pushed?.outcome?.quarantined ?? 0) + unreadable.length
  const did = groups.map(({ group, status, outcome }) =>
    status === 'committed' ? `${group} ${outcome?.appended} new` : `${group} ${status}`,
  )
  const kept = quarantined > 0 ? [`${quarantined} quarantined`] : []
  return `batch ${batch}: lines ${firstLine}-${lastLine}: ${[...did, ...kept, formatDuration(seconds * 1000)].join(', ')}`
}

/** How far a stream came, and why it ended. */
export function showFollowed(page: Page, summary: FollowSummary): void {
  const { batches, lastLine, appended, quarantined, end, failed } = summary
  if (failed?.error !== undefined) showError(page, failed.error)
  const why = { input: 'the input ended', stopped: 'stopped', failed: 'a batch failed' }[end]
  page.line(`Done: ${why}. batches=${batches} last-line=${lastLine} new=${appended} quarantined=${quarantined}`)
}
