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
    const [x, y, wide, high] = [index * step, height - tall, step - 1, tall].map((length) => length.toFixed(1))
    return html`<rect x="${x}" y="${y}" width="${wide}" height="${high}"><title>${title}</title></rect>`
  })
  const label = `histogram from ${edges[0]} to ${edges.at(-1)}`
  const box = `0 0 ${width} ${height}`
  return html`<svg class="histogram" role="img" aria-label="${label}" viewBox="${box}">${bars}</svg>`
}
