import type { Installation } from '../../src/operations/generate/installation.ts'

/** An installation whose paths hold everything that a quoting bug would trip over. */
export function hostileInstallation(directory: string): Installation {
  return {
    project: 'flights',
    directory,
    environment: 'prod',
    services: ['late_departure'],
    node: process.execPath,
    program: '/opt/my fti/bin/run.js',
    everyMinutes: 5,
  }
}

export const hostileFolder = `sp ace 'single' "double" $HOME %h %% \`id\` ; & | é #`
