import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { status } from '../../../src/operations/index.ts'
import { runCommand } from '../../cli/run-command.ts'
import { PumpProject } from '../../training/pump-project.ts'

let fresh: PumpProject
let trained: PumpProject

beforeAll(async () => {
  fresh = PumpProject.create()
  trained = await fresh.copy().runFeatures()
  await trained.train({ epochs: 1 })
}, 60_000)

const registryOf = (project: PumpProject) => join(project.directory, 'registry')

async function json(project: PumpProject, line: string) {
  const result = await runCommand([...line.split(' '), '--json'], { cwd: project.directory })
  return { exit: result.exit, ...result.json() }
}

/** Ways in which a registry that was there is not there any more. */
const losses: readonly [what: string, lose: (registry: string) => void][] = [
  ['moved away', (registry) => renameSync(registry, `${registry}-away`)],
  [
    'unmounted, and its mount point is an empty folder',
    (registry) => {
      rmSync(registry, { recursive: true })
      mkdirSync(registry)
    },
  ],
  [
    'a file',
    (registry) => {
      rmSync(registry, { recursive: true })
      writeFileSync(registry, '')
    },
  ],
  [
    'a link that leads nowhere that can be read',
    (registry) => {
      rmSync(registry, { recursive: true })
      symlinkSync(registry, registry)
    },
  ],
]

describe.each(losses)('a registry that is %s', (_what, lose) => {
  test.each(['list', 'list failing_check', 'show failing_check@1', 'log failing_check', 'rollback failing_check'])(
    'is no empty registry: fti registry %s ends with 6, code, place and remedy',
    async (line) => {
      const project = trained.copy()
      lose(registryOf(project))
      expect(await json(project, `registry ${line}`)).toMatchObject({
        exit: 6,
        error: { code: 'FTI_REGISTRY_UNREACHABLE', place: registryOf(project), remedy: expect.stringMatching(/./) },
      })
    },
  )

  test('is no unknown model to fti predict either', async () => {
    const project = trained.copy()
    lose(registryOf(project))
    const { exit, error } = await json(project, 'predict --input in.csv --output out.csv')
    expect({ exit, code: error?.['code'] }).toEqual({ exit: 6, code: 'FTI_REGISTRY_UNREACHABLE' })
  })

  test.each(['', ' --yes'])('names no readers: fti feature retire%s ends with 6', async (flag) => {
    const project = trained.copy()
    lose(registryOf(project))
    const { exit, error } = await json(project, `feature retire pump_readings@v1${flag}`)
    expect({ exit, code: error?.['code'] }).toEqual({ exit: 6, code: 'FTI_REGISTRY_UNREACHABLE' })
  })

  test('is a problem in fti status, which shows the rest all the same', async () => {
    const project = trained.copy()
    lose(registryOf(project))
    const [feature, training, inference] = await status(await project.load(), new Date())
    expect(feature?.health).toBe('good')
    const problem = { code: 'FTI_REGISTRY_UNREACHABLE', next: expect.stringContaining('folder') }
    expect(training).toMatchObject({ health: 'bad', problems: [problem] })
    expect(inference).toMatchObject({ health: 'bad', problems: [problem] })
  })
})

test('an empty registry in which a version is remembered names the version and the run that made it', async () => {
  const project = trained.copy()
  renameSync(registryOf(project), `${registryOf(project)}-away`)
  mkdirSync(registryOf(project))
  const { error } = await json(project, 'registry list')
  expect(error?.['message']).toMatch(/failing_check@1 is known from run \d{8}t/)
})

// The tests may run as root, whom no permission stops; a process of nobody is stopped, where nobody may run Node and read this clone.
const bin = join(import.meta.dirname, '../../../bin/run.js')
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const canRun = spawnSync(process.execPath, [bin, '--version'], { cwd: tmpdir(), ...nobody }).status === 0
if (!canRun) process.stderr.write('a registry without permission: skipped, nobody may not run this clone\n')

test.runIf(canRun)('a folder that this user may not read is told as such', () => {
  const project = trained.copy()
  spawnSync('chmod', ['-R', 'a+rX', project.directory])
  chmodSync(registryOf(project), 0)
  const result = spawnSync(process.execPath, [bin, 'registry', 'list', '--json'], {
    cwd: project.directory,
    encoding: 'utf8',
    ...nobody,
  })
  chmodSync(registryOf(project), 0o755)
  expect(result.status, result.stderr).toBe(6)
  expect(JSON.parse(result.stdout).error).toMatchObject({
    code: 'FTI_REGISTRY_UNREACHABLE',
    message: expect.stringContaining('no permission'),
  })
})

describe('a project that never trained', () => {
  test('has an empty list, and is told how to make a version', async () => {
    const result = await runCommand(['registry', 'list'], { cwd: fresh.directory })
    expect(result).toMatchObject({ exit: 0, stdout: 'no version is registered; make one with: fti train\n' })
  })

  test.each(['show failing_check', 'log failing_check'])('hears from registry %s how to make one', async (line) => {
    expect(await json(fresh, `registry ${line}`)).toMatchObject({
      exit: 2,
      error: { code: 'FTI_MODEL_UNKNOWN', remedy: 'make a first one with: fti train failing_check' },
    })
  })
})

test('a project that was given another registry is not told that the old one is lost', async () => {
  const project = trained.copy().edit('fti.config.yaml', 'project: pumps', 'project: pumps\nregistry: another')
  expect(await json(project, 'registry list')).toMatchObject({ exit: 0, data: { versions: [] } })
})

test.each(['failing_chek', 'failing_chek@1'])(
  'registry show %s asks whether the known model was meant',
  async (name) => {
    expect(await json(trained, `registry show ${name}`)).toMatchObject({
      exit: 2,
      error: { code: 'FTI_MODEL_UNKNOWN', remedy: "did you mean 'failing_check'?" },
    })
  },
)
