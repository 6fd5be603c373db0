import { Args } from '@oclif/core'
import { counted, formatDuration } from '../../base/index.ts'
import { BaseCommand, type Page, sparkline } from '../../cli/index.ts'
import { parseSnapshotSelector } from '../../contract/index.ts'
import type { GroupDescription } from '../../feature/index.ts'

export default class FeatureShow extends BaseCommand {
  static override summary = 'Show one feature group: contract, snapshot, statistics, who reads it'
  static override args = {
    group: Args.string({ required: true, description: 'group, group@17 or group@{2026-05-01T00:00Z}' }),
  }
  static override examples = [
    '<%= config.bin %> feature show airport_departures',
    { description: 'As it was at snapshot 0', command: '<%= config.bin %> feature show airport_departures@0' },
  ]

  async run(): Promise<void> {
    const { args } = await this.parse(FeatureShow)
    const project = await this.openProject()
    const { describeGroup } = await import('../../feature/index.ts')
    const { group, at } = parseSnapshotSelector(args.group)
    const moment = at.kind === 'snapshot' ? at.snapshot : at.kind === 'time' ? at.time : undefined
    const description = await describeGroup(project, group, moment)
    await this.present(description, (page) => show(page, description))
  }
}

function show(page: Page, found: GroupDescription): void {
  const { contract } = found
  page.facts([
    ['Group', found.group],
    ['Description', contract.description],
    ['Owner', contract.owner],
    ['Entity', `${contract.entity.name} (${Object.keys(contract.entity.key).join(', ')})`],
    ['Contract', `v${found.contractVersion}`],
    ['Snapshot', found.snapshot],
    ['Rows', found.rows],
    ['Covered', covered(found)],
    ['Files', found.files],
    ['Committed', found.committedAt],
    ['Online', online(found)],
    ['Freshness', freshness(found)],
    ...lineage(found),
  ])
  showFeatures(page, found)
}

function covered({ coverage }: GroupDescription): string | null {
  if (coverage === null) return null
  const spans = coverage.intervals.map(({ from, to }) => `${from ?? 'the beginning'} -> ${to}`)
  return `${spans.join(', ') || 'nothing'}; newest ${coverage.newest ?? 'none'}`
}

function online({ online, onlineProblem }: GroupDescription): string {
  if (onlineProblem !== null) return onlineProblem
  return online ? `${counted(online.rows, 'key')}, as of ${online.asOf ?? online.syncedAt}` : 'never synced'
}

function showFeatures(page: Page, { contract, profile }: GroupDescription): void {
  page.table(
    ['feature', 'type', 'unit', 'nulls', 'min', 'mean', 'max', 'distribution'],
    contract.features.map((feature) => {
      const column = profile?.columns.find(({ name }) => name === feature.name)
      return [
        feature.name,
        feature.type,
        feature.unit,
        column?.nulls,
        column?.min,
        column?.mean === undefined ? null : Number(column.mean.toPrecision(4)),
        column?.max,
        column?.histogram
          ? sparkline(column.histogram.counts)
          : column?.top
              ?.slice(0, 3)
              .map(({ value }) => value)
              .join(', '),
      ]
    }),
  )
}

function freshness({ freshness: { state, ageMs, warnMs, errorMs } }: GroupDescription): string | null {
  const age = ageMs === null ? 'no rows yet' : `new rows ${formatDuration(ageMs)} ago`
  if (warnMs === null || errorMs === null) return age
  return `${state}: ${age}, warns after ${formatDuration(warnMs)}, error after ${formatDuration(errorMs)}`
}

function lineage({ lineage: { sources, groups, ...down } }: GroupDescription): [string, string | null][] {
  const made = sources && groups ? [...sources, ...groups].join(', ') : 'not known here: another repository runs it'
  const versions = down.readByVersions.map(({ model, version, tags }) => `${model}@${version} (${tags.join(', ')})`)
  return [
    ['Made from', made],
    ['Read by groups', down.readByGroups.join(', ') || null],
    ['Read by models', down.readByModels.join(', ') || null],
    ['Serving', versions.join(', ') || null],
  ]
}
