import { Args, Flags } from '@oclif/core'
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
  static override flags = {
    create: Flags.string({ helpValue: 'GROUP', description: 'Write a case from live data, with what comes out now' }),
    name: Flags.string({ dependsOn: ['create'], description: 'Name of the new case (default: first-rows)' }),
    rows: Flags.integer({ min: 1, dependsOn: ['create'], description: 'Most rows of each input (default: 5)' }),
    key: Flags.string({
      multiple: true,
      dependsOn: ['create'],
      helpValue: 'NAME=VALUE',
      description: 'Whose rows; of the entity with most rows unless given',
    }),
  }
  static override examples = [
    '<%= config.bin %> feature test',
    { description: 'Only one group', command: '<%= config.bin %> feature test airport_departures' },
    { description: 'A case to start from', command: '<%= config.bin %> feature test --create airport_departures' },
  ]

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(FeatureTest)
    const project = await this.openProject()
    const { createCase, parseKey, testGroups } = await import('../../feature/index.ts')
    const { reporter, signal } = this
    if (flags.create !== undefined) {
      const { create: group, name = 'first-rows', rows: rowsMax = 5 } = flags
      const made = await createCase({ project, group, name, key: parseKey(flags.key ?? []), rowsMax, signal })
      return this.present(made, (page) => page.verbatim(made.text).line('wrote ', made.path))
    }
    const tests = await testGroups({ project, groups: argv as string[], reporter, signal })
    const failed = tests.cases.some(({ status }) => status === 'failed')
    await this.present(tests, (page) => showCases(page, tests), failed ? exitCode.failed : exitCode.done)
  }
}
