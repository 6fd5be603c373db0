import { counted, formatDuration } from '../../base/index.ts'
import type { GroupPreview, GroupReport, SourceChange } from '../../feature/index.ts'
import { type Page, toned } from './page.ts'
import { showError } from './show-error.ts'

/** Where a list of groups would stand. */
export const noGroups = 'No feature group is declared yet; one begins with: fti feature new NAME --from data.csv'

/** What a run did to each group. `describe` comes from the room that ran them, so that this file loads nothing of it. */
export function showFeatureRun(
  page: Page,
  groups: readonly GroupReport[],
  describe: (change: SourceChange) => string,
): void {
  if (groups.length === 0) return void page.line(noGroups)
  page.table(
    ['group', 'status', 'new', 'late', 'restated', 'quarantined', 'snapshot', 'took'],
    groups.map(({ group, status, outcome, seconds }) => [
      group,
      toned(status === 'failed' || status === 'skipped' ? 'bad' : 'good', status),
      outcome?.appended,
      outcome?.late,
      outcome?.restated,
      outcome?.quarantined,
      outcome?.snapshot,
      formatDuration(seconds * 1000),
    ]),
  )
  for (const { error, outcome, compat, group } of groups) {
    if (error !== undefined) showError(page, error)
    for (const violation of outcome?.violations ?? [])
      page.line(toned('warn', 'warn '), `${group}: ${counted(violation.rows, 'row')}: ${violation.rule}`)
    for (const { contractVersion, status, appended, refused } of compat ?? [])
      page.line(
        `${group} v${contractVersion}: ${status === 'committed' ? `${counted(appended, 'row')} from the new version` : status}${refused > 0 ? `, ${refused} refused` : ''}`,
      )
    if (outcome?.inherited !== undefined)
      page.line(`${group} v${outcome.contractVersion}: ${outcome.inherited} rows taken over under their new names`)
    for (const change of outcome?.sourceChanges ?? [])
      page.line(toned('warn', 'warn '), `${group}: ${describe(change)}`)
  }
  const count = (wanted: GroupReport['status']) => groups.filter(({ status }) => status === wanted).length
  page.line(
    `Done. committed=${count('committed')} nothing-to-do=${count('nothing to do')} failed=${count('failed')} skipped=${count('skipped')}`,
  )
}

/** What a run would compute. A group that goes over all rows has one interval without ends. */
export function showFeaturePreview(page: Page, previews: readonly GroupPreview[]): void {
  if (previews.length === 0) return void page.line(noGroups)
  for (const { group, intervals, done } of previews) {
    const commits = new Set(intervals.map(({ commit }) => commit)).size
    const said = commits === 0 ? 'nothing to do' : counted(commits, 'commit')
    const before = done.length === 0 ? '' : `; ${counted(done.length, 'interval')} computed from the same input already`
    page.line(toned(commits === 0 ? 'dim' : 'good', group), `  ${said}${before}`)
    for (const { from, to, why } of intervals) page.line(`    ${from ?? 'the beginning'} -> ${to ?? 'now'}  ${why}`)
  }
  page.line('Nothing was written.')
}
