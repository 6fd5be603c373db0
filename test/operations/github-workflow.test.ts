import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { repositoryOf } from '../../src/operations/generate/repository.ts'
import { githubWorkflow } from '../../src/operations/index.ts'

interface Workflow {
  readonly name: string
  readonly on: Record<string, unknown>
  readonly defaults?: { run: { 'working-directory': string } }
  readonly jobs: Record<string, { 'runs-on': string; steps: { uses?: string; run?: string }[] }>
}

test.each(['1.1', '1.2'] as const)('the workflow reads the same in YAML %s', async (version) => {
  const { text } = await githubWorkflow({ project: 'flights', subdirectory: '.' })
  const workflow = parse(text, { version }) as Workflow
  expect(Object.keys(workflow.on)).toEqual(['pull_request', 'push'])
  const steps = workflow.jobs['check']?.steps ?? []
  expect(steps.every((step) => (step.uses === undefined) !== (step.run === undefined))).toBe(true)
  expect(steps.map(({ run }) => run).filter(Boolean)).toEqual([
    'npm install',
    'npx fti check',
    'npx fti feature test',
    'npx fti plan || test $? -eq 3',
    'npm test',
  ])
})

test('a project below the root of its repository gets its folder as working directory, whatever its name', async () => {
  const subdirectory = `on: "quo'te" #no %h`
  const { text } = await githubWorkflow({ project: 'flights', subdirectory, environment: 'ci' })
  const workflow = parse(text) as Workflow
  expect(workflow.defaults?.run['working-directory']).toBe(subdirectory)
  expect(workflow.jobs['check']?.steps[3]?.run).toBe('npx fti check --env ci')
})

test('a folder that GitHub would evaluate as an expression is refused', async () => {
  await expect(githubWorkflow({ project: 'flights', subdirectory: '{{ secrets.X }}' })).rejects.toMatchObject({
    code: 'FTI_GENERATE_PATH',
  })
})

test('the root of the repository is the nearest folder above with a .git', () => {
  const root = mkdtempSync(join(tmpdir(), 'fti-repository-'))
  mkdirSync(join(root, '.git'))
  mkdirSync(join(root, 'ml/flights'), { recursive: true })
  expect(repositoryOf(join(root, 'ml/flights'))).toEqual({ root, subdirectory: 'ml/flights' })
  expect(repositoryOf(root)).toEqual({ root, subdirectory: '.' })
})

test.each(['flights', 'minimal'])('the template %s ships the file that would be generated', async (template) => {
  const { path, text } = await githubWorkflow({ project: template, subdirectory: '.' })
  expect(readFileSync(join(import.meta.dirname, '../../templates', template, path), 'utf8')).toBe(text)
})

test('projects below the root of one repository have a workflow each', async () => {
  const { path, text } = await githubWorkflow({ project: 'flights', subdirectory: 'ml/flights' })
  expect(path).toBe('.github/workflows/fti-flights.yml')
  expect((parse(text) as Workflow).name).toBe('fti flights')
})
