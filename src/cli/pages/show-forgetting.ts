import { counted } from '../../base/index.ts'
import type { ForgetPlan } from '../../operations/index.ts'
import { type Page, toned } from './page.ts'

/** What holds an entity, what forgetting it costs and what stays; with what is left, when it was done. */
export function showForgetting(page: Page, plan: ForgetPlan, left: ForgetPlan | null): void {
  const goes = left === null ? 'holds it  ' : 'erased    '
  for (const line of places(plan)) page.line(goes, line)
  for (const { version, because } of plan.breaks)
    page.line(toned('warn', 'breaks    '), `${version} cannot be made again: ${because.join('; ')}`)
  for (const { place, because } of plan.stays) page.line(toned('warn', 'stays     '), `${place}: ${because}`)
  for (const { path, lines } of (left ?? plan).requests.filter(({ isLive }) => isLive))
    page.line(
      toned('bad', 'open      '),
      `${path}: a server is writing it, ${lines} requests; restart the server and run this again`,
    )
  const key = Object.entries(plan.key).map(([name, value]) => `--key ${name}=${value}`)
  if (left !== null) page.line(left.requests.length === 0 ? 'Forgotten.' : 'Forgotten but for open segments.')
  else if (places(plan).length === 0 && plan.requests.length === 0)
    page.line(plan.stays.length === 0 ? 'Nothing holds it.' : 'Nothing that can be erased holds it.')
  else page.line(`Forget it with: fti feature forget ${plan.group} ${key.join(' ')} --yes`)
}

function places({ tables, datasets, online, requests }: ForgetPlan): string[] {
  return [
    ...tables.flatMap(({ path, files, namedInText, entries, checkpoints }) => [
      ...files.map((file) => `${path}/${file.path}: ${counted(file.rows, 'row')}, ${snapshots(file)}`),
      ...(namedInText === 0
        ? []
        : [`${path}: ${namedInText} of these only have the key in their text, in lines that are no rows`]),
      ...(entries.length + checkpoints.length === 0
        ? []
        : [`${path}/_delta_log: statistics in ${entries.length} entries and ${checkpoints.length} checkpoints`]),
    ]),
    ...datasets.map(({ model, id, rows }) => `training dataset ${model} ${id}: ${counted(rows, 'row')}`),
    ...online.filter(({ isServed }) => isServed).map((held) => `online store: ${held.group} v${held.contractVersion}`),
    ...requests.filter(({ isLive }) => !isLive).map(({ path, lines }) => `${path}: ${lines} requests`),
  ]
}

function snapshots({ from, to }: ForgetPlan['tables'][number]['files'][number]): string {
  if (from === null) return 'in no snapshot'
  return to === null ? `snapshots ${from} to now` : `snapshots ${from} to ${to}`
}
