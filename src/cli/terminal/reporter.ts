import { type Reporter, silentReporter } from '../../base/index.ts'
import { eventReporter } from './event-reporter.ts'
import { lineReporter } from './line-reporter.ts'
import { liveReporter } from './live-reporter.ts'
import { surfaceOf } from './surface.ts'
import type { Talk } from './talk.ts'

/** The way a room's progress reaches standard error: a live list on a terminal, plain lines or events elsewhere. */
export function openReporter(talk: Talk): Reporter {
  const stream = process.stderr
  const surface = surfaceOf(stream)
  if (talk.events) return quietly(eventReporter(stream), talk.quiet)
  if (talk.quiet || !surface.fancy) return quietly(lineReporter(stream, surface), talk.quiet)
  return liveReporter(stream, surface)
}

/** Warnings always come through: `--quiet` in a crontab must not hide them. */
function quietly(reporter: Reporter, quiet: boolean): Reporter {
  return quiet ? { ...silentReporter, warn: reporter.warn } : reporter
}
