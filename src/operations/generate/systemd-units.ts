import { FtiError } from '../../base/index.ts'
import { operationsErrors } from '../errors.ts'
import { checkedInstallation, type GeneratedFile, type Installation, programArguments } from './installation.ts'

/** A service and a timer that call `fti run`, and one service for every service that the project serves. */
export function systemdUnits(given: Installation): readonly GeneratedFile[] {
  const installation = checkedInstallation(given)
  if (installation.node.includes('$')) {
    throw new FtiError(operationsErrors.FTI_GENERATE_PATH, {
      message: `systemd cannot start an executable whose path holds a $: ${installation.node}`,
      place: installation.node,
      remedy: 'run fti with a Node in another folder',
    })
  }
  const name = `fti-${installation.project}`
  return [
    { path: `${name}.service`, text: unit(runService(installation)) },
    { path: `${name}.timer`, text: unit(runTimer(installation)) },
    ...installation.services.map((service) => ({
      path: `${name}-serve-${service}.service`,
      text: unit(serveService(installation, service)),
    })),
  ]
}

type Section = readonly [name: string, entries: readonly (readonly [key: string, value: string])[]]

function runService(installation: Installation): readonly Section[] {
  return [
    ['Unit', [['Description', `fti project ${installation.project}: run whatever is due`]]],
    [
      'Service',
      [
        ['Type', 'oneshot'],
        ['ExecStart', command(installation, ['run', '--log-format', 'json'])],
        // 4: the run before has not ended. The next one makes up for it, so it is no failure of the unit.
        ['SuccessExitStatus', '4'],
        ['Nice', '10'],
        ['NoNewPrivileges', 'true'],
      ],
    ],
  ]
}

function runTimer({ project, everyMinutes }: Installation): readonly Section[] {
  const minutes = everyMinutes === 60 ? '*:00' : `*:0/${everyMinutes}`
  return [
    ['Unit', [['Description', `fti project ${project}: every ${everyMinutes} minutes`]]],
    [
      'Timer',
      [
        ['OnCalendar', minutes],
        ['Persistent', 'true'],
      ],
    ],
    ['Install', [['WantedBy', 'timers.target']]],
  ]
}

function serveService(installation: Installation, service: string): readonly Section[] {
  return [
    [
      'Unit',
      [
        ['Description', `fti project ${installation.project}: serve ${service}`],
        ['After', 'network.target'],
      ],
    ],
    [
      'Service',
      [
        ['Type', 'exec'],
        ['ExecStart', command(installation, ['serve', service, '--log-format', 'json'])],
        ['Restart', 'on-failure'],
        ['RestartSec', '2'],
        ['TimeoutStopSec', '30'],
        ['NoNewPrivileges', 'true'],
      ],
    ],
    ['Install', [['WantedBy', 'multi-user.target']]],
  ]
}

function unit(sections: readonly Section[]): string {
  return sections
    .map(([name, entries]) => [`[${name}]`, ...entries.map(([key, value]) => `${key}=${value}`), ''].join('\n'))
    .join('\n')
}

function command(installation: Installation, words: readonly string[]): string {
  return programArguments(installation, words).map(systemdWord).join(' ')
}

/** A word of ExecStart that stays one word: systemd.service(5), "Command lines"; systemd.unit(5), "Specifiers". */
function systemdWord(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w@+:,./%-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll('"', '\\"')}"`
}
