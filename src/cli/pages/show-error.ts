import type { ErrorFacts } from '../../base/index.ts'
import { type Page, toned } from './page.ts'

/** An error inside a result, where one part failed and others did not. Reads like an error that ended a command. */
export function showError(page: Page, error: ErrorFacts): void {
  page.line(toned('bad', error.code ?? 'bug'), ` ${error.message}`)
  if (error.place !== undefined) page.line(toned('dim', `  at ${error.place}`))
  if (error.detail !== undefined) page.verbatim(error.detail.replace(/^/gm, '  '))
  if (error.remedy !== undefined) page.line(`  fix: ${error.remedy}`)
}
