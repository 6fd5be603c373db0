import { FtiError, safeName } from '../../base/index.ts'
import { operationsErrors } from '../errors.ts'

/** What a scheduler has to know to call fti: absolute paths, since cron and systemd have nearly no environment. */
export interface Installation {
  readonly project: string
  /** The folder of the project file. */
  readonly directory: string
  readonly environment?: string | undefined
  readonly services: readonly string[]
  /** The Node executable. */
  readonly node: string
  /** fti's `bin/run.js`. */
  readonly program: string
  readonly everyMinutes: number
}

export interface GeneratedFile {
  /** Where it belongs, relative to the folder of the scheduler or the repository. */
  readonly path: string
  readonly text: string
}

/** The installation itself, after refusing what no scheduler file can express. */
export function checkedInstallation(installation: Installation): Installation {
  safeName(installation.project, 'the project name')
  for (const service of installation.services) safeName(service, 'the service name')
  if (installation.environment !== undefined) safeName(installation.environment, 'the environment')
  for (const path of [installation.directory, installation.node, installation.program]) checkPath(path)
  const every = installation.everyMinutes
  if (!Number.isInteger(every) || 60 % every !== 0) {
    throw new FtiError(operationsErrors.FTI_GENERATE_INTERVAL, {
      message: `${every} minutes do not divide an hour evenly`,
      remedy: 'use 1m, 2m, 3m, 4m, 5m, 6m, 10m, 12m, 15m, 20m, 30m or 60m',
    })
  }
  return installation
}

function checkPath(path: string): void {
  if (path.startsWith('/') && !/[\p{Cc}\\]/u.test(path)) return
  throw new FtiError(operationsErrors.FTI_GENERATE_PATH, {
    message: `a scheduler cannot be given the path ${JSON.stringify(path)}`,
    place: path,
    remedy: 'move it to an absolute path without line breaks, control characters and backslashes',
  })
}

/** Arguments of `fti <command>` for this project. */
export function programArguments(installation: Installation, command: readonly string[]): readonly string[] {
  const overlay = installation.environment === undefined ? [] : ['--env', installation.environment]
  return [installation.node, installation.program, ...command, '--chdir', installation.directory, ...overlay]
}
