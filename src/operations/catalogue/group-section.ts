import { formatDuration } from '../../base/index.ts'
import type { ColumnProfile, Feature } from '../../contract/index.ts'
import type { CatalogueGroup } from './gather-catalogue.ts'
import { histogram } from './histogram.ts'
import { type Html, html } from './html.ts'
import { facts, links, number, table } from './parts.ts'

/** One feature group: what it promises, what it holds, what it is made from and who reads it. */
export function groupSection(group: CatalogueGroup): Html {
  const { name, contract, problem, stored } = group
  return html`<section id="group-${name}" class="entry" data-words="${words(group)}">
<h3>${name}${badge(group)}</h3>
${contract?.description ? html`<p>${contract.description}</p>` : null}
${problem === null ? null : html`<p class="bad">${problem}</p>`}
${facts([
  ['Owner', contract?.owner],
  ['Entity', contract && `${contract.entity.name} (${Object.keys(contract.entity.key).join(', ')})`],
  ['Event time', contract?.isStatic ? 'none: static' : contract?.eventTime],
  ['Values older than this are not used', contract?.maxAgeMs === undefined ? null : formatDuration(contract.maxAgeMs)],
  ['Contract', stored && `v${stored.contractVersion}`],
  ['Snapshot', stored && `${stored.snapshot}, ${number(stored.rows)} rows, committed ${stored.committedAt}`],
  ...lineage(group),
])}
${contract ? featureTable(contract.features, stored?.profile?.columns ?? []) : null}
</section>`
}

function words({ name, contract }: CatalogueGroup): string {
  const features = contract?.features.flatMap((feature) => [feature.name, feature.description ?? '']) ?? []
  return [name, contract?.owner, contract?.description, contract?.entity.name, ...features].join(' ').toLowerCase()
}

function badge({ stored }: CatalogueGroup): Html | null {
  const state = stored?.freshness.state ?? 'none'
  return state === 'none' ? null : html` <span class="badge ${state}">${state}</span>`
}

function lineage({ lineage: { sources, groups, ...down } }: CatalogueGroup): [string, Html | string][] {
  const made = sources && groups ? html`${links('source', sources)} ${links('group', groups)}` : 'not known here'
  const versions = down.readByVersions.map(({ model, version, tags }) => `${model}@${version} (${tags.join(', ')})`)
  return [
    ['Made from', made],
    ['Read by groups', links('group', down.readByGroups)],
    ['Read by models', links('model', down.readByModels)],
    ['Serving', versions.join(', ')],
  ]
}

function featureTable(features: readonly Feature[], profile: readonly ColumnProfile[]): Html {
  return table(
    ['feature', 'type', 'meaning', 'rules', 'nulls', 'range', 'mean', 'distribution'],
    features.map((feature) => {
      const column = profile.find(({ name }) => name === feature.name)
      return [
        html`<code>${feature.name}</code>`,
        feature.type,
        [feature.description, feature.unit && `[${feature.unit}]`].filter(Boolean).join(' '),
        rules(feature),
        column && column.count > 0 ? `${((100 * column.nulls) / column.count).toFixed(1)} %` : null,
        column?.min === undefined ? null : `${column.min} to ${column.max}`,
        column?.mean === undefined ? null : Number(column.mean.toPrecision(4)),
        column && distribution(column),
      ]
    }),
  )
}

function rules({ nullable, range, oneOf, pattern, unique }: Feature): string {
  return [
    nullable ? null : 'never null',
    range ? `${range[0] ?? ''} … ${range[1] ?? ''}` : null,
    oneOf ? `one of ${oneOf.join(', ')}` : null,
    pattern ? `matches ${pattern}` : null,
    unique ? 'unique' : null,
  ]
    .filter((rule) => rule !== null)
    .join('; ')
}

function distribution({ histogram: bins, top }: ColumnProfile): Html | string | null {
  if (bins) return histogram(bins)
  return (
    top
      ?.slice(0, 5)
      .map(({ value, count }) => `${value} (${count})`)
      .join(', ') ?? null
  )
}
