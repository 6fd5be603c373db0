import { formatDuration } from '../../base/index.ts'
import { BaseCommand, type Cell, noGroups, toned } from '../../cli/index.ts'
import type { GroupSummary } from '../../feature/index.ts'

export default class FeatureList extends BaseCommand {
  static override summary = 'List feature groups, those of this project and those published in its store'
  static override examples = ['<%= config.bin %> feature list', '<%= config.bin %> feature list --json']

  async run(): Promise<void> {
    await this.parse(FeatureList)
    const project = await this.openProject()
    const { listFeatureGroups } = await import('../../feature/index.ts')
    const groups = await listFeatureGroups(project)
    await this.present({ groups }, (page) => {
      if (groups.length === 0) return void page.line(noGroups)
      page.table(
        ['group', 'owner', 'features', 'contract', 'snapshot', 'rows', 'fresh', 'committed'],
        groups.map((entry) => [
          entry.group,
          entry.owner,
          entry.features,
          entry.contractVersion === null ? null : `v${entry.contractVersion}`,
          entry.snapshot,
          entry.rows,
          freshness(entry.freshness),
          entry.problem === null ? (entry.committedAt ?? 'never') : toned('bad', entry.problem),
        ]),
      )
    })
  }
}

/** Whether it keeps its objective, and its age; the age alone where there is none. */
function freshness({ state, ageMs }: GroupSummary['freshness']): Cell {
  const age = ageMs === null ? 'empty' : formatDuration(ageMs)
  if (state === 'none') return ageMs === null ? null : toned('dim', age)
  return toned(state === 'fresh' ? 'good' : state === 'warn' ? 'warn' : 'bad', `${state} ${age}`)
}
