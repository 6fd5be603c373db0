import { parseDuration } from '../../base/index.ts'
import type { Project } from '../../project/index.ts'
import { crontab } from './crontab.ts'
import { githubWorkflow } from './github-workflow.ts'
import type { GeneratedFile } from './installation.ts'
import { repositoryOf } from './repository.ts'
import { systemdUnits } from './systemd-units.ts'
import { writeGeneratedFiles } from './write-files.ts'

export interface GenerateOptions {
  readonly environment?: string | undefined
  /** fti's `bin/run.js`, which the scheduler is to call. */
  readonly program: string
  /** How often the scheduler calls, such as `5m`. */
  readonly every: string
  /** The folder to write to; without it nothing is written. */
  readonly output?: string | undefined
  readonly replace: boolean
}

export interface Generated {
  readonly files: readonly GeneratedFile[]
  /** Absolute paths of what was written. */
  readonly written: readonly string[]
}

/** Makes the files with which cron, systemd or GitHub runs a project, and writes them where `output` says. */
export async function generate(
  kind: 'cron' | 'systemd' | 'github',
  project: Project,
  options: GenerateOptions,
): Promise<Generated> {
  const files = await filesFor(kind, project, options)
  const { output, replace } = options
  const written = output === undefined ? [] : await writeGeneratedFiles(files, output, { replace })
  return { files, written }
}

async function filesFor(
  kind: 'cron' | 'systemd' | 'github',
  project: Project,
  { environment, program, every }: GenerateOptions,
): Promise<readonly GeneratedFile[]> {
  const { name, directory } = project
  if (kind === 'github') {
    const { subdirectory } = repositoryOf(directory)
    return [await githubWorkflow({ project: name, subdirectory, environment })]
  }
  const installation = {
    project: name,
    directory,
    environment,
    services: [...project.services.keys()],
    node: process.execPath,
    program,
    everyMinutes: parseDuration(every) / 60_000,
  }
  return kind === 'cron' ? [crontab(installation)] : systemdUnits(installation)
}
