import { formatDuration } from '../../base/index.ts'
import type { CaseReport, GroupTests, RowComparison } from '../../feature/index.ts'
import { type Cell, type Page, toned } from './page.ts'
import { showError } from './show-error.ts'

/** Which test cases passed, and of each that did not, the rows that differ. */
export function showCases(page: Page, { cases, untested }: GroupTests): void {
  if (cases.length > 0) {
    page.table(
      ['group', 'case', 'status', 'rows', 'took'],
      cases.map(({ group, case: name, status, rows, seconds }) => [
        group,
        name,
        toned(status === 'passed' ? 'good' : 'bad', status),
        rows?.got,
        formatDuration(seconds * 1000),
      ]),
    )
  }
  const failed = cases.filter(({ status }) => status === 'failed')
  for (const found of failed) showFailure(page, found)
  if (untested.length > 0) page.line(toned('dim', `without a case: ${untested.join(', ')}`))
  if (cases.length === 0)
    page.line('There is no test case. Write tests/features/<group>/<case>.yaml: docs/how-to/test-features.md')
  page.line(`Done. cases=${cases.length} passed=${cases.length - failed.length} failed=${failed.length}`)
}

function showFailure(page: Page, { place, rows, refused, error }: CaseReport): void {
  page.blank().heading(place)
  if (error !== undefined) showError(page, error)
  if (rows !== undefined) showDifference(page, 'rows', rows)
  if (refused !== undefined) showDifference(page, 'refused rows', refused)
}

function showDifference(page: Page, what: string, { expected, got, different, differences }: RowComparison): void {
  if (different === 0) return
  page.line(`${what}: ${expected} expected, ${got} came, ${different} differ`)
  const changed = differences.flatMap((difference) =>
    difference.kind === 'changed'
      ? difference.values.map((value) => [...Object.values(difference.row), value.column, value.expected, value.got])
      : [],
  )
  const keys = differences.find(({ kind }) => kind === 'changed')?.row ?? {}
  if (changed.length > 0) page.table([...Object.keys(keys), 'column', 'expected', 'got'], changed.map(cells))
  const whole = differences.filter(({ kind }) => kind !== 'changed')
  const columns = Object.keys(whole[0]?.row ?? {})
  if (whole.length > 0)
    page.table(
      ['', ...columns],
      whole.map(({ kind, row }) => [toned('bad', kind), ...cells(columns.map((column) => row[column]))]),
    )
  if (different > differences.length) page.line(`and ${different - differences.length} more`)
}

/** Values to the last digit, for it may be the one that differs; null and the empty text are values here, and no gaps. */
function cells(values: readonly unknown[]): Cell[] {
  return values.map((value) => (value === '' || value === 'null' ? JSON.stringify(value) : String(value)))
}
