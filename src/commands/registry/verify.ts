import { Args } from '@oclif/core'
import { exitCode } from '../../base/index.ts'
import { BaseCommand, toned } from '../../cli/index.ts'

export default class RegistryVerify extends BaseCommand {
  static override summary = 'Hash every file of every version again, and check the chain of the journal'
  static override description = 'Ends with exit code 5 when something is damaged. Changes nothing.'
  static override args = { model: Args.string({ description: 'Model; all without it' }) }
  static override examples = ['<%= config.bin %> registry verify']

  async run(): Promise<void> {
    const { args } = await this.parse(RegistryVerify)
    const project = await this.openProject({ published: 'unchecked' })
    const { verifyRegistry } = await import('../../registry/index.ts')
    const findings = await verifyRegistry(project.registry, args.model, this.signal)
    const corrupt = findings.filter(({ severity }) => severity === 'corrupt').length
    await this.present(
      { findings },
      (page) => {
        for (const { severity, place, problem, remedy } of findings)
          page.line(
            toned(severity === 'corrupt' ? 'bad' : 'warn', severity.padEnd(8)),
            `${place}: ${problem}\n         fix: ${remedy}`,
          )
        page.line(
          findings.length === 0
            ? 'all versions and journals are sound'
            : `${corrupt} corrupt, ${findings.length - corrupt} warnings`,
        )
      },
      corrupt > 0 ? exitCode.corrupt : exitCode.done,
    )
  }
}
