import { Flags } from '@oclif/core'
import { exitCode } from '../base/index.ts'
import { BaseCommand, type Page, showError, toned } from '../cli/index.ts'
import type { CheckReport } from '../operations/index.ts'

export default class Check extends BaseCommand {
  static override summary = 'Check the project file, its SQL and its modules, without running anything'
  static override description =
    'Executes none of the project code and reads no data. With --schema it prints the JSON Schema of the project file, for editors.'
  static override flags = { schema: Flags.boolean({ description: 'Print the JSON Schema of fti.config.yaml' }) }
  static override examples = [
    '<%= config.bin %> check',
    { description: 'For an editor that knows no fti', command: '<%= config.bin %> check --schema' },
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(Check)
    if (flags.schema) {
      const { projectJsonSchema } = await import('../project/index.ts')
      const schema = await projectJsonSchema()
      return this.present(schema, (page) => page.line(JSON.stringify(schema, null, 2)))
    }
    const project = await this.openProject()
    const { check } = await import('../operations/index.ts')
    const report = await check(project)
    await this.present(report, (page) => show(page, report), report.problems[0]?.exit ?? exitCode.done)
  }
}

function show(page: Page, report: CheckReport): void {
  for (const problem of report.problems) showError(page, problem)
  const { sources, groups, models, services, problems } = report
  page.line(
    problems.length === 0 ? toned('good', 'ok ') : toned('bad', `${problems.length} problems `),
    `${sources} sources, ${groups} feature groups, ${models} models, ${services} services`,
  )
}
