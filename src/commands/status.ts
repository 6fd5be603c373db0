import { BaseCommand, toned } from '../cli/index.ts'

const tones = { good: 'good', warn: 'warn', bad: 'bad', none: 'dim' } as const

export default class Status extends BaseCommand {
  static override summary = 'Say in three lines how the feature, training and inference pipelines are'
  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status --json']

  async run(): Promise<void> {
    await this.parse(Status)
    const project = await this.openProject()
    const { status } = await import('../operations/index.ts')
    const pipelines = await status(project, new Date())
    await this.present({ pipelines }, (page) => {
      for (const { pipeline, health, summary, owners } of pipelines) {
        const owner = owners.length > 0 ? `  owner ${owners.join(', ')}` : ''
        page.line(
          toned(tones[health], `${pipeline.toUpperCase().padEnd(10)} ${health.padEnd(5)}`),
          summary,
          toned('dim', owner),
        )
      }
    })
  }
}
