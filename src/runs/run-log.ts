import type { Reporter } from '../base/index.ts'

/** One line of what a run told while it worked. */
export interface RunLogLine {
  /** ISO 8601 UTC. */
  readonly at: string
  readonly level: 'info' | 'warn'
  readonly text: string
}

export interface RunLog {
  /** Tells the one it was made from, and writes down what is told. */
  readonly reporter: Reporter
  lines(): readonly RunLogLine[]
}

/** A run that warns of every row must not make its record a burden: the first lines say what the others repeat. */
const mostLines = 500

/** Keeps what is told to a reporter, for the record of the run: tasks with how they ended, facts, warnings. */
export function keepLog(reporter: Reporter): RunLog {
  const lines: RunLogLine[] = []
  const add = (level: RunLogLine['level'], text: string) => {
    if (lines.length < mostLines) lines.push({ at: new Date().toISOString(), level, text })
  }
  return {
    lines: () => lines,
    reporter: {
      info: (message) => {
        add('info', message)
        reporter.info(message)
      },
      warn: (message) => {
        add('warn', message)
        reporter.warn(message)
      },
      task: (title, work) =>
        reporter.task(title, async (task) => {
          let last = 'begun'
          add('info', title)
          try {
            return await work({
              update: (text) => {
                last = text
                task.update(text)
              },
            })
          } catch (error) {
            last = 'failed'
            throw error
          } finally {
            add(last === 'failed' ? 'warn' : 'info', `${title}: ${last}`)
          }
        }),
    },
  }
}
