import { Args, Flags } from '@oclif/core'
import { actor, exitCode, formatDuration, parseDuration } from '../../base/index.ts'
import { BaseCommand, type Page, showError, toned } from '../../cli/index.ts'
import type { GroupReport, SourceChange } from '../../feature/index.ts'

export default class FeatureRun extends BaseCommand {
  static override summary = 'Run feature pipelines: read sources, transform, check the contract, commit, sync online'
  static override description =
    'Runs in order of dependency. A group whose input and code are those of its last commit has nothing to do. A group that fails before its commit stops those that read it, and no other.'
  static override strict = false
  static override args = {
    groups: Args.string({ description: 'Feature groups to run; all when none is named' }),
  }
  static override flags = {
    'lock-timeout': Flags.string({
      default: '60s',
      helpValue: 'DURATION',
      description: 'How long to wait for another run of the same group',
    }),
  }
  static override examples = [
    '<%= config.bin %> feature run',
    { description: 'Only two groups', command: '<%= config.bin %> feature run airport_departures aircraft' },
  ]

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(FeatureRun)
    const project = await this.openProject()
    const { runFeatureGroups, describeSourceChange } = await import('../../feature/index.ts')
    const groups = await runFeatureGroups({
      project,
      groups: argv as string[],
      by: actor(),
      command: `fti ${[this.id?.replaceAll(':', ' '), ...this.argv].join(' ')}`,
      lockWaitMs: parseDuration(flags['lock-timeout']),
      reporter: this.reporter,
      signal: this.signal,
    })
    const failed = groups.find((report) => report.status === 'failed')
    await this.present(
      { groups },
      (page) => show(page, groups, describeSourceChange),
      failed?.error?.exit ?? exitCode.done,
    )
  }
}

function show(page: Page, groups: readonly GroupReport[], describe: (change: SourceChange) => string): void {
  page.table(
    ['group', 'status', 'new', 'late', 'restated', 'quarantined', 'snapshot', 'took'],
    groups.map(({ group, status, outcome, seconds }) => [
      group,
      toned(status === 'failed' || status === 'skipped' ? 'bad' : 'good', status),
      outcome?.appended,
      outcome?.late,
      outcome?.restated,
      outcome?.quarantined,
      outcome?.snapshot,
      formatDuration(seconds * 1000),
    ]),
  )
  for (const { error, outcome, compat, group } of groups) {
    if (error !== undefined) showError(page, error)
    for (const violation of outcome?.violations ?? [])
      page.line(toned('warn', 'warn '), `${group}: ${violation.rows} rows: ${violation.rule}`)
    for (const { contractVersion, status, appended, refused } of compat ?? [])
      page.line(
        `${group} v${contractVersion}: ${status === 'committed' ? `${appended} rows from the new version` : status}${refused > 0 ? `, ${refused} refused` : ''}`,
      )
    for (const change of outcome?.sourceChanges ?? [])
      page.line(toned('warn', 'warn '), `${group}: ${describe(change)}`)
  }
  const count = (wanted: GroupReport['status']) => groups.filter(({ status }) => status === wanted).length
  page.line(
    `Done. committed=${count('committed')} nothing-to-do=${count('nothing to do')} failed=${count('failed')} skipped=${count('skipped')}`,
  )
}
