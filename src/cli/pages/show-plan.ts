import { countedInGroups, formatDuration } from '../../base/index.ts'
import type { GroupPlan, OlderVersion, Plan } from '../../operations/index.ts'
import { type Page, toned } from './page.ts'
import { showError } from './show-error.ts'

const signs = { create: '+', none: '=', compatible: '~', breaking: '!' } as const

/**
 * A plan for people: each group with what changes and what follows from it, then what goes stale, then the next command.
 * @param flags those of the plan that its id stands for, to be given to apply too
 */
export function showPlan(page: Page, plan: Plan, flags = ''): void {
  for (const group of plan.groups) showGroup(page, group)
  if (plan.datasets.length > 0) page.heading('Training datasets that go stale')
  for (const { model, id, because } of plan.datasets) page.line(`    ${model} ${id}: ${because.join(', ')}`)
  const count = (action: GroupPlan['action']) => plan.groups.filter((group) => group.action === action).length
  page.line(
    `Plan ${plan.id}: ${count('create')} to create, ${count('compatible')} compatible, ${count('breaking')} breaking, ${count('none')} unchanged.`,
  )
  for (const { group, reason } of plan.notChecked) page.line(toned('warn', 'not checked '), `${group}: ${reason}`)
  for (const problem of plan.problems) showError(page, problem)
  if (plan.problems.length > 0) page.line('Correct this first; then look again with: fti plan')
  else if (plan.needsApproval) page.line(`Apply with: fti apply ${plan.id}${flags}`)
}

function showGroup(page: Page, plan: GroupPlan): void {
  const { group, action, from, to, changes, readers } = plan
  const version = from === null ? `new, v${to}` : from === to ? `v${from}` : `v${from} -> v${to}`
  const tone = action === 'breaking' ? 'bad' : action === 'none' ? 'dim' : 'good'
  page.line(toned(tone, `${signs[action]} ${group}`), `  ${version}  ${action === 'none' ? 'unchanged' : action}`)
  for (const change of changes) page.line(`    ${change.class.padEnd(10)} ${change.subject}: ${change.what}`)
  const isNewAnyway = changes.some((change) => change.class === 'breaking')
  const edit = isNewAnyway ? undefined : transformTexts[plan.transform.change]
  if (edit !== undefined) page.line(`    ${edit}`)
  for (const line of consequences(plan)) page.line(`    ${line}`)
  for (const older of plan.older) page.line(`    ${olderText(older)}`)
  for (const reader of readers)
    page.line(
      `    read by ${reader.model}@${reader.version} (${reader.tags.join(', ')}): ${reader.features.join(', ')}`,
    )
}

const transformTexts: Partial<Record<GroupPlan['transform']['change'], string>> = {
  cosmetic: 'transform  edited in layout alone',
  additive: 'transform  gives more columns, the others as before',
  forwardOnly: 'transform  edited, forward-only: rows up to now keep their values',
  restate: 'transform  edited: other values are corrections, known from the next run on',
  breaking: 'transform  edited: it may give other values (or say --restate, --forward-only)',
}

function consequences({ action, from, table, rows, takenOver, backfill, online }: GroupPlan): string[] {
  const lines: string[] = []
  if (action === 'breaking')
    lines.push(`${countedInGroups(rows, 'row')} of v${from} ${rows === 1 ? 'stays' : 'stay'} readable`)
  if (table !== null)
    lines.push(
      `table ${table} is created by the next run${takenOver === null ? backfillText(backfill) : takenOverText(takenOver)}`,
    )
  else if (backfill !== null) lines.push(`the next run goes over the rows again${backfillText(backfill)}`)
  if (online.adds !== null) {
    const kept = online.keeps.map((kept) => `v${kept}`).join(', ')
    lines.push(`online namespace v${online.adds} is added${kept === '' ? '' : ` beside ${kept}`}`)
  }
  return lines
}

function olderText({ version, readers, fedBy, lastValueAt, nullsFrom }: OlderVersion): string {
  const who = readers.map((reader) => `${reader.model}@${reader.version} (${reader.tags.join(', ')})`).join(', ')
  if (fedBy !== null) return `v${version} goes on for ${who}, fed by ${fedBy}`
  const newest = lastValueAt === null ? 'keeps the values of now' : `gets no value newer than ${lastValueAt}`
  const then = nullsFrom === null ? '' : `, and nulls from ${nullsFrom} on`
  return `v${version} ${newest}: ${who} sees them grow old${then}; feed it with compat: { v${version}: some.sql }`
}

function takenOverText(rows: number): string {
  return `: ${rows.toLocaleString('en')} rows are taken over under their new names, with since when each was known`
}

function backfillText(backfill: GroupPlan['backfill']): string {
  if (backfill === null || backfill.rows === null) return ''
  const time =
    backfill.seconds === null ? 'no past run says how long' : `about ${formatDuration(backfill.seconds * 1000)}`
  return `: ${countedInGroups(backfill.rows, 'row')}, ${time}`
}
