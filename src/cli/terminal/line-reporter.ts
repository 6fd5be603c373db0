import { formatDuration, type Reporter } from '../../base/index.ts'
import { type Text, toned } from '../pages/page.ts'
import { fitted, painter } from '../pages/render-page.ts'
import type { Surface } from './surface.ts'

/** Updates come many times a second; a log needs one now and then. */
const updateEveryMs = 5000

/** Progress as plain lines, for logs and pipes: a task when it ends, its updates at most every five seconds. */
export function lineReporter(stream: NodeJS.WritableStream, surface: Surface): Reporter {
  const painting = painter(surface)
  const print = async (...parts: Text[]) => {
    const paint = await painting
    stream.write(`${fitted(parts.map(paint).join(''), surface)}\n`)
  }
  return {
    task: async (title, work) => {
      const startedMs = Date.now()
      let shownMs = startedMs
      let last = ''
      const update = (text: string) => {
        last = text
        if (Date.now() - shownMs < updateEveryMs) return
        shownMs = Date.now()
        void print('… ', title, toned('dim', `  ${text}`))
      }
      const end = (mark: Text) =>
        print(mark, ' ', title, toned('dim', `${last && `  ${last}`}  ${formatDuration(Date.now() - startedMs)}`))
      try {
        const result = await work({ update })
        await end(toned('good', '✓'))
        return result
      } catch (error) {
        await end(toned('bad', '✗'))
        throw error
      }
    },
    info: (message) => void print(message),
    warn: (message) => void print(toned('warn', 'warning: '), message),
  }
}
