import { Args, Flags } from '@oclif/core'
import { exitCode } from '../../base/index.ts'
import { BaseCommand, type Page, toned } from '../../cli/index.ts'
import type { ListedVersion } from '../../operations/index.ts'

export default class RegistryList extends BaseCommand {
  static override summary = 'List the versions of a model, or of all models, newest first'
  static override description =
    'Checks manifests, names and sizes of all files; with --verify also every byte, and then ends with exit code 5 when a version is damaged.'
  static override args = { model: Args.string({ description: 'Model; all without it' }) }
  static override flags = { verify: Flags.boolean({ description: 'Hash every file again' }) }
  static override examples = [
    '<%= config.bin %> registry list',
    '<%= config.bin %> registry list late_departure --verify',
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RegistryList)
    const project = await this.openProject({ published: 'unchecked' })
    const { listAllVersions } = await import('../../operations/index.ts')
    const versions = await listAllVersions(project, { model: args.model, verify: flags.verify })
    const damaged = flags.verify && versions.some(({ state }) => state === 'corrupt')
    await this.present({ versions }, (page) => show(page, versions), damaged ? exitCode.corrupt : exitCode.done)
  }
}

function show(page: Page, versions: readonly ListedVersion[]): void {
  if (versions.length === 0) {
    page.line('no version is registered; make one with: fti train')
    return
  }
  const metrics = [...new Set(versions.flatMap((entry) => Object.keys(entry.metrics)))].slice(0, 3)
  page.table(
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
  for (const { model, version, problem } of versions) {
    if (problem === null) continue
    page.line(toned('bad', `${model}@${version} `), problem)
    page.line(`  fix: fti registry verify ${model}, then restore the folder from a copy of the registry`)
  }
}
