import type { Reporter } from '../../base/index.ts'

/** Progress as one JSON object a line, for log collectors. Every event of a task carries its number. */
export function eventReporter(stream: NodeJS.WritableStream): Reporter {
  let tasks = 0
  const emit = (level: 'info' | 'warn' | 'error', event: string, fields: object) =>
    stream.write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...fields })}\n`)
  return {
    task: async (title, work) => {
      const task = ++tasks
      const startedMs = Date.now()
      emit('info', 'task.start', { task, title })
      try {
        const result = await work({ update: (text) => emit('info', 'task.update', { task, title, text }) })
        emit('info', 'task.done', { task, title, durationMs: Date.now() - startedMs })
        return result
      } catch (error) {
        emit('error', 'task.failed', { task, title, durationMs: Date.now() - startedMs })
        throw error
      }
    },
    info: (message) => emit('info', 'info', { message }),
    warn: (message) => emit('warn', 'warn', { message }),
  }
}
