import { Flags } from '@oclif/core'
import { counted, type ExitCode, exitCode } from '../base/index.ts'
import { BaseCommand, type Page, showError, toned } from '../cli/index.ts'
import type { CheckReport } from '../operations/index.ts'

export default class Check extends BaseCommand {
  static override summary = 'Check the project file, its SQL and its modules, without running anything'
  static override description =
    'Executes none of the project code: SQL is bound over the columns of its sources and groups, without a row. ' +
    'With --schema it prints the JSON Schema of the project file, for editors.'
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
      return this.present(schema, (page) => page.verbatim(JSON.stringify(schema, null, 2)))
    }
    const project = await this.openProject()
    const { check } = await import('../operations/index.ts')
    const report = await check(project)
    await this.present(report, (page) => show(page, report), worstOf(report))
  }
}

/** A project that is wrong ends with 2; what kept the check from looking, such as a full disk, with its own code. */
function worstOf({ problems }: CheckReport): ExitCode {
  return problems.find(({ exit }) => exit !== exitCode.usage)?.exit ?? problems[0]?.exit ?? exitCode.done
}

function show(page: Page, report: CheckReport): void {
  for (const problem of report.problems) showError(page, problem)
  for (const { message, place, remedy } of report.warnings) {
    page.line(toned('warn', 'warning '), message)
    page.line(toned('dim', `  at ${place}`))
    page.line(`  fix: ${remedy}`)
  }
  for (const { group, reason } of report.notChecked) page.line(toned('warn', 'not checked '), `${group}: ${reason}`)
  const { sources, groups, models, services, problems } = report
  page.line(
    problems.length === 0 ? toned('good', 'ok ') : toned('bad', `${counted(problems.length, 'problem')} in `),
    [counted(sources, 'source'), counted(groups, 'feature group'), counted(models, 'model')].join(', '),
    `, ${counted(services, 'service')}`,
  )
}
