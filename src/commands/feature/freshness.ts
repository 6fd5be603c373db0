import { Flags } from '@oclif/core'
import { exitCode, formatDuration, parseTime } from '../../base/index.ts'
import { BaseCommand, type Tone, toned } from '../../cli/index.ts'
import type { GroupFreshness } from '../../feature/index.ts'

const tones: Readonly<Record<GroupFreshness['state'], Tone>> = {
  fresh: 'good',
  warn: 'warn',
  error: 'bad',
  none: 'dim',
}

export default class FeatureFreshness extends BaseCommand {
  static override summary = 'Hold the age of every feature group against its freshness objective'
  static override description =
    'Age counts from the commit that brought the newest rows. Ends with exit code 1 when a group is older than the error limit of its freshness, or has such a limit and no rows.'
  static override flags = {
    now: Flags.string({ helpValue: 'TIME', description: 'Judge as of this moment' }),
  }
  static override examples = [
    '<%= config.bin %> feature freshness',
    {
      description: 'From a scheduler, which looks at the exit code',
      command: '<%= config.bin %> feature freshness --quiet',
    },
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(FeatureFreshness)
    const project = await this.openProject({ published: 'unchecked' })
    const { listFreshness } = await import('../../feature/index.ts')
    const groups = await listFreshness(project, flags.now === undefined ? new Date() : parseTime(flags.now))
    const exit = groups.some(({ state }) => state === 'error') ? exitCode.failed : exitCode.done
    const duration = (ms: number | null) => (ms === null ? null : formatDuration(ms))
    await this.present(
      { groups },
      (page) =>
        page.table(
          ['group', 'owner', '', 'age', 'warn', 'error', 'newest event', 'new rows'],
          groups.map(({ group, owner, state, ageMs, warnMs, errorMs, newestEvent, newRowsAt, problem }) => [
            ...[group, owner, toned(tones[state], state === 'none' ? 'no objective' : state)],
            ...[duration(ageMs), duration(warnMs), duration(errorMs), newestEvent],
            problem === null ? (newRowsAt ?? 'never') : toned('bad', problem),
          ]),
        ),
      exit,
    )
  }
}
