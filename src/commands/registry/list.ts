import { Args } from '@oclif/core'
import { BaseCommand, toned } from '../../cli/index.ts'

export default class RegistryList extends BaseCommand {
  static override summary = 'List the versions of a model, or of all models, newest first'
  static override args = { model: Args.string({ description: 'Model; all without it' }) }
  static override examples = ['<%= config.bin %> registry list', '<%= config.bin %> registry list late_departure']

  async run(): Promise<void> {
    const { args } = await this.parse(RegistryList)
    const project = await this.openProject({ published: 'unchecked' })
    const { listAllVersions } = await import('../../operations/index.ts')
    const versions = await listAllVersions(project.registry, args.model)
    await this.present({ versions }, (page) => {
      if (versions.length === 0) return page.line('no version is registered; make one with: fti train')
      const metrics = [...new Set(versions.flatMap((entry) => Object.keys(entry.metrics)))].slice(0, 3)
      return page.table(
        ['model', 'version', 'state', 'tags', ...metrics, 'promotable', 'registered', 'by'],
        versions.map((entry) => [
          entry.model,
          entry.version,
          toned(entry.state === 'ok' ? 'good' : 'bad', entry.state),
          entry.tags.join(', '),
          ...metrics.map((name) => entry.metrics[name]?.toFixed(4)),
          entry.promotable,
          entry.registeredAt,
          entry.by,
        ]),
      )
    })
  }
}
