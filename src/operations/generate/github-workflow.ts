import { FtiError, safeName } from '../../base/index.ts'
import { yamlText } from '../../project/index.ts'
import { operationsErrors } from '../errors.ts'
import type { GeneratedFile } from './installation.ts'

export interface Repository {
  readonly project: string
  /** The project's folder inside the repository, `.` when it is the root. */
  readonly subdirectory: string
  readonly environment?: string | undefined
}

/**
 * A workflow that checks, plans and tests on every pull request. A plan with pending changes (exit 3) is no failure; nor is a
 * project without test cases of its features.
 */
export async function githubWorkflow({ project, subdirectory, environment }: Repository): Promise<GeneratedFile> {
  safeName(project, 'the project name')
  if (environment !== undefined) safeName(environment, 'the environment')
  if (subdirectory.includes('{{') || /\p{Cc}/u.test(subdirectory)) {
    throw new FtiError(operationsErrors.FTI_GENERATE_PATH, {
      message: `a workflow cannot name the folder ${JSON.stringify(subdirectory)}`,
      place: subdirectory,
      remedy: 'rename the folder: GitHub evaluates what stands in double braces',
    })
  }
  const overlay = environment === undefined ? '' : ` --env ${environment}`
  const workflow = {
    name: subdirectory === '.' ? 'fti' : `fti ${project}`,
    on: { pull_request: {}, push: { branches: ['main'] } },
    permissions: { contents: 'read' },
    ...(subdirectory === '.' ? {} : { defaults: { run: { 'working-directory': subdirectory } } }),
    jobs: {
      check: {
        'runs-on': 'ubuntu-latest',
        'timeout-minutes': 30,
        steps: [
          { uses: 'actions/checkout@v4' },
          { uses: 'actions/setup-node@v4', with: { 'node-version': 20 } },
          { name: 'Install', run: 'npm install' },
          { name: 'Check', run: `npx fti check${overlay}` },
          { name: 'Test features', run: `npx fti feature test${overlay}` },
          { name: 'Plan', run: `npx fti plan${overlay} || test $? -eq 3` },
          { name: 'Test', run: 'npm test' },
        ],
      },
    },
  }
  const header = '# Made by `fti generate github`: checks, plans and tests on every pull request.\n'
  // A repository may hold several projects, but one at its root.
  const file = subdirectory === '.' ? 'fti.yml' : `fti-${project}.yml`
  return { path: `.github/workflows/${file}`, text: header + (await yamlText(workflow)) }
}
