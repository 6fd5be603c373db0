import { checkedInstallation, type GeneratedFile, type Installation, programArguments } from './installation.ts'

/**
 * One crontab line that calls `fti run`, which decides what is due, never overlaps itself and keeps its own records.
 * Progress goes to a log in the project; cron mails nothing while all is well.
 */
export function crontab(given: Installation): GeneratedFile {
  const installation = checkedInstallation(given)
  const run = programArguments(installation, ['run', '--log-format', 'json']).map(shellWord).join(' ')
  const log = shellWord(`${installation.directory}/.fti/cron.log`)
  const every = installation.everyMinutes
  const minutes = every === 60 ? '0' : every === 1 ? '*' : `*/${every}`
  const lines = [
    `# fti project ${installation.project}: runs whatever is due by schedule: and triggers. Add it with crontab -e.`,
    '# Exit code 4 means that the run before has not ended; the next one makes up for it.',
    `${minutes} * * * * ${escapePercent(`${run} >/dev/null 2>>${log}`)}`,
  ]
  return { path: `fti-${installation.project}.crontab`, text: `${lines.join('\n')}\n` }
}

/** A word for sh that stays one word, whatever it holds. */
function shellWord(word: string): string {
  return /^[\w@+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** cron turns a bare % into a line break, and gives back an escaped one even inside quotes. */
function escapePercent(command: string): string {
  return command.replaceAll('%', '\\%')
}
