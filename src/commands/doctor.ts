import { exitCode } from '../base/index.ts'
import { BaseCommand, type Page, type Tone, toned } from '../cli/index.ts'

const tones: Readonly<Record<string, Tone>> = { ok: 'good', warn: 'warn', fail: 'bad' }

export default class Doctor extends BaseCommand {
  static override summary = 'Look whether this machine and this project have what fti needs'
  static override description = 'Changes nothing. Ends with exit code 1 when a check fails.'
  static override examples = [
    '<%= config.bin %> doctor',
    { description: 'As one document, for a bug report', command: '<%= config.bin %> doctor --json' },
  ]

  async run(): Promise<void> {
    await this.parse(Doctor)
    const { examine } = await import('../operations/index.ts')
    const checks = await examine({ directory: this.directory, environment: this.environment, signal: this.signal })
    const failed = checks.filter(({ state }) => state === 'fail').length
    const show = (page: Page) => {
      for (const { check, state, found, place, remedy } of checks) {
        page.line(
          toned(tones[state] ?? 'dim', state.padEnd(5)),
          `${check}: ${found}`,
          toned('dim', place ? `  ${place}` : ''),
        )
        if (remedy !== undefined) page.line(`      fix: ${remedy}`)
      }
    }
    await this.present({ checks }, show, failed > 0 ? exitCode.failed : exitCode.done)
  }
}
