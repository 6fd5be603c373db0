import { counted } from '../../base/index.ts'
import type { Catalogue } from './gather-catalogue.ts'
import { groupSection } from './group-section.ts'
import { type Html, html } from './html.ts'
import { modelSection } from './model-section.ts'
import { links, table } from './parts.ts'

/** The whole catalogue as one page that needs nothing else: no server, no network, and no script but for its search. */
export function cataloguePage(catalogue: Catalogue): string {
  const { project, builtAt, sources, groups, models } = catalogue
  const body = html`<header><h1>${project}</h1>
<p>${counted(groups.length, 'feature group')}, ${counted(models.length, 'model')}, ${counted(sources.length, 'source')}, as of ${builtAt}</p>
<label>Search <input id="search" type="search" placeholder="a group, a feature, an owner"></label> <output id="found"></output>
</header>
<nav>${index(
    'Feature groups',
    'group',
    groups.map(({ name }) => name),
  )}${index(
    'Models',
    'model',
    models.map(({ model }) => model.name),
  )}</nav>
<main><h2>Feature groups</h2>${groups.map(groupSection)}
<h2>Models</h2>${models.map(modelSection)}
<h2>Sources</h2>${sourceTable(sources)}</main>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${html`${project}: features and models`.text}</title>
<style>${style}</style></head>
<body>${body.text}<script>${search}</script></body></html>
`
}

function index(title: string, kind: 'group' | 'model', names: readonly string[]): Html {
  if (names.length === 0) return html``
  return html`<h2>${title}</h2><ul>${names.map((name) => html`<li>${links(kind, [name])}</li>`)}</ul>`
}

function sourceTable(sources: Catalogue['sources']): Html {
  return table(
    ['source', 'type', 'read by'],
    sources.map(({ source, readBy }) => [
      html`<span id="source-${source.name}">${source.name}</span>`,
      source.type,
      links('group', readBy),
    ]),
  )
}

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template: auto 1fr / 15rem minmax(0, 1fr) }
header { grid-column: 1 / 3; padding: 1rem 2rem; border-bottom: 1px solid var(--line) }
h1, h2, h3, p { margin: 0 0 .4rem } h2 { margin-top: 1.2rem; font-size: 1.1rem }
nav { padding: 0 1rem; border-right: 1px solid var(--line); overflow-wrap: anywhere }
nav ul { list-style: none; margin: 0; padding: 0 } nav h2 { font-size: .9rem }
main { padding: 0 2rem 4rem; min-width: 0 }
section { border: 1px solid var(--line); border-radius: 6px; padding: 1rem; margin: 0 0 1rem }
section:target { outline: 2px solid Highlight }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0 0 .8rem }
dt { opacity: .7 } dd { margin: 0; overflow-wrap: anywhere }
.wide { overflow-x: auto; margin-bottom: .8rem } table { border-collapse: collapse; font-size: .92em }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
.histogram { width: 120px; height: 28px; fill: currentColor; opacity: .75 }
.badge { font-size: .75rem; padding: .1rem .5rem; border-radius: 1rem; border: 1px solid }
.fresh { color: green } .warn { color: darkorange } .error, .bad { color: crimson }
@media (max-width: 50rem) { body { grid-template-columns: 1fr } header { grid-column: 1 } nav { border: 0 } }
`

/** Hides entries that do not have every word that is typed. */
const search = `
const box = document.getElementById('search'), found = document.getElementById('found')
const entries = [...document.querySelectorAll('.entry')]
box.addEventListener('input', () => {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean)
  for (const entry of entries) entry.hidden = !words.every((word) => entry.dataset.words.includes(word))
  found.textContent = words.length ? entries.filter((entry) => !entry.hidden).length + ' found' : ''
})
`
