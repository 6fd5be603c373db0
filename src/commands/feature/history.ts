import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/index.ts'

export default class FeatureHistory extends BaseCommand {
  static override summary = 'Show the commits of a feature group, newest first'
  static override args = { group: Args.string({ required: true, description: 'Feature group' }) }
  static override examples = ['<%= config.bin %> feature history airport_departures']

  async run(): Promise<void> {
    const { args } = await this.parse(FeatureHistory)
    const project = await this.openProject()
    const { groupHistory } = await import('../../feature/index.ts')
    const commits = await groupHistory(project, args.group)
    await this.present({ group: args.group, commits }, (page) =>
      page.table(
        ['snapshot', 'committed', 'operation', 'new rows', 'run'],
        commits.map((commit) => [
          commit.version,
          commit.time,
          commit.operation,
          commit.rowsAdded,
          commit.info.fti?.runId,
        ]),
      ),
    )
  }
}
