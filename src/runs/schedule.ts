import { Cron } from 'croner'
import { FtiError } from '../base/index.ts'
import { runsErrors } from './errors.ts'

/**
 * The first scheduled moment after the last run, in UTC; `now` when it never ran, null when the schedule never comes.
 * A last run that lies in the future was stamped by a clock that was ahead, and counts as none.
 * Errors: FTI_SCHEDULE_INVALID.
 */
export function nextDue(cron: string, last: Date | undefined, now: Date): Date | null {
  const schedule = parse(cron)
  if (last === undefined || last > now) return now
  return schedule.nextRun(last)
}

/** True when a scheduled moment has passed since the last run began, however many: missed ones are made up for once. */
export function isDue(cron: string, last: Date | undefined, now: Date): boolean {
  const due = nextDue(cron, last, now)
  return due !== null && due <= now
}

function parse(cron: string): Cron {
  // croner also takes seconds, years and nicknames; what `fti generate cron` writes into a crontab is five fields.
  if (cron.trim().split(/\s+/).length !== 5) throw invalid(cron, 'it has not five fields')
  try {
    return new Cron(cron.trim(), { timezone: 'UTC', legacyMode: true })
  } catch (error) {
    throw invalid(cron, (error as Error).message)
  }
}

function invalid(cron: string, why: string): FtiError {
  return new FtiError(runsErrors.FTI_SCHEDULE_INVALID, {
    message: `'${cron}' is not a schedule: ${why}`,
    remedy: 'write minute, hour, day, month and weekday, such as "*/15 * * * *" or "0 3 * * mon" (UTC)',
  })
}
