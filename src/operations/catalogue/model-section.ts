import { columnOf } from '../../contract/index.ts'
import type { CatalogueModel } from './gather-catalogue.ts'
import { type Html, html } from './html.ts'
import { facts, links, table } from './parts.ts'

/** One model: what it predicts, from which features, and its versions. */
export function modelSection({ model, versions }: CatalogueModel): Html {
  const { name, owner, description, task, label, features, request } = model
  const searched = [name, owner, description, label.feature, ...features.flatMap(({ pick }) => pick)]
  return html`<section id="model-${name}" class="entry" data-words="${searched.join(' ').toLowerCase()}">
<h3>${name}</h3>
${description ? html`<p>${description}</p>` : null}
${facts([
  ['Owner', owner],
  ['Predicts', html`${label.feature} of ${links('group', [label.group])} (${task})`],
  ['Sent with the request', request.map((column) => column.name).join(', ')],
])}
${table(
  ['from', 'columns'],
  features.map((use) => [links('group', [use.group]), use.pick.map((feature) => columnOf(use, feature)).join(', ')]),
)}
${versionTable(versions)}
</section>`
}

function versionTable(versions: CatalogueModel['versions']): Html {
  if (versions.length === 0) return html`<p>No version is registered.</p>`
  const metrics = [...new Set(versions.flatMap((version) => Object.keys(version.metrics)))].slice(0, 3)
  return table(
    ['version', 'tags', ...metrics, 'promotable', 'registered', 'by'],
    versions.map((version) => [
      version.version,
      version.tags.join(', '),
      ...metrics.map((name) => version.metrics[name]?.toFixed(4)),
      version.promotable === null ? null : version.promotable ? 'yes' : 'no',
      version.registeredAt,
      version.by,
    ]),
  )
}
