import { Args } from '@oclif/core'
import { exitCode } from '../../base/index.ts'
import { BaseCommand, showCases } from '../../cli/index.ts'

export default class FeatureTest extends BaseCommand {
  static override summary =
    'Test feature groups: rows that a case gives, through transform and contract, against the rows it expects'
  static override description =
    'Cases are files tests/features/<group>/<case>.yaml. Store, state and sources are not touched. A project without a case has nothing to fail; a group that is named and has none fails.'
  static override strict = false
  static override args = {
    groups: Args.string({ description: 'Feature groups to test; all when none is named' }),
  }
  static override examples = [
    '<%= config.bin %> feature test',
    { description: 'Only one group', command: '<%= config.bin %> feature test airport_departures' },
  ]

  async run(): Promise<void> {
    const { argv } = await this.parse(FeatureTest)
    const project = await this.openProject()
    const { testGroups } = await import('../../feature/index.ts')
    const { reporter, signal } = this
    const tests = await testGroups({ project, groups: argv as string[], reporter, signal })
    const failed = tests.cases.some(({ status }) => status === 'failed')
    await this.present(tests, (page) => showCases(page, tests), failed ? exitCode.failed : exitCode.done)
  }
}
