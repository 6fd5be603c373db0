import type { ColumnProfile } from '../../contract/index.ts'
import { type Html, html } from './html.ts'

const width = 120
const height = 28

/** Equal-width bins as an SVG of bars, readable by name too. */
export function histogram({ edges, counts }: NonNullable<ColumnProfile['histogram']>): Html {
  const most = Math.max(...counts, 1)
  const step = width / Math.max(1, counts.length)
  const bars = counts.map((count, index) => {
    const tall = (count / most) * height
    const title = `${edges[index]} to ${edges[index + 1]}: ${count}`
    return html`<rect x="${(index * step).toFixed(1)}" y="${(height - tall).toFixed(1)}" width="${(step - 1).toFixed(1)}" height="${tall.toFixed(1)}"><title>${title}</title></rect>`
  })
  return html`<svg class="histogram" role="img" aria-label="histogram from ${edges[0]} to ${edges.at(-1)}" viewBox="0 0 ${width} ${height}">${bars}</svg>`
}
