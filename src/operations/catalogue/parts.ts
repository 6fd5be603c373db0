import { type Html, html } from './html.ts'

type Cell = Html | string | number | null | undefined

/** Names and values; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [string, Cell])[]): Html {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '' && !isEmpty(value))
  return html`<dl>${shown.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  const cells = (row: readonly Cell[]) => row.map((cell) => html`<td>${cell}</td>`)
  return html`<div class="wide"><table><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody></table></div>`
}

/** Links to entries of this page. */
export function links(kind: 'source' | 'group' | 'model', names: readonly string[]): Html {
  return html`${names.map((name, index) => html`${index === 0 ? '' : ', '}<a href="#${kind}-${name}">${name}</a>`)}`
}

export function number(value: number): string {
  return value.toLocaleString('en-US')
}

function isEmpty(value: Cell): boolean {
  return typeof value === 'object' && value !== null && value.text.trim() === ''
}
