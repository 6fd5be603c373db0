import { BaseCommand, toned } from '../cli/index.ts'

/** Below the health of the line above. */
const indent = ' '.repeat(17)

const tones = { good: 'good', warn: 'warn', bad: 'bad', none: 'dim' } as const

export default class Status extends BaseCommand {
  static override summary = 'Say in three lines how the feature, training and inference pipelines are'
  static override description =
    'Below each line stands what is wrong with it, and what to type next. Hashes the newest version of each model and those that a tag names.'
  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status --json']

  async run(): Promise<void> {
    await this.parse(Status)
    const project = await this.openProject()
    const { status } = await import('../operations/index.ts')
    const pipelines = await status(project, new Date())
    await this.present({ pipelines }, (page) => {
      for (const { pipeline, health, summary, owners, problems } of pipelines) {
        const owner = owners.length > 0 ? `  owner ${owners.join(', ')}` : ''
        page.hanging(
          indent.length,
          toned(tones[health], `${pipeline.toUpperCase().padEnd(10)} ${health.padEnd(5)}`),
          summary,
          toned('dim', owner),
        )
        for (const { about, code, message, place, next } of problems) {
          page.hanging(
            indent.length + 2,
            `${indent}${about}: `,
            toned('bad', code ?? 'problem'),
            ` ${message}${place === null || message.includes(place) ? '' : ` (${place})`}`,
          )
          page.line(`${indent}next: ${next}`)
        }
      }
    })
  }
}
