import type { Reporter, TaskReporter } from '../../base/index.ts'
import { lineReporter } from './line-reporter.ts'
import { plainText } from './plain-text.ts'
import type { Surface } from './surface.ts'

/** One line below the task that is shown live: a task inside it, or one that runs beside it. */
interface Inner {
  readonly title: string
  text: string
  state: ' ' | '✓' | '✗'
}

interface Shown {
  readonly title: string
  text: string
  readonly inner: Inner[]
  readonly redraw: () => void
}

/**
 * Progress as a live list on a terminal, drawn by listr2 on standard error. A task that starts while
 * another one is shown becomes a line below it; remarks wait until the list stands still.
 */
export function liveReporter(stream: NodeJS.WriteStream, surface: Surface): Reporter {
  const plain = lineReporter(stream, surface)
  let shown: Shown | undefined
  let waiting: (() => void)[] = []
  const say = (speak: () => void) => {
    if (shown === undefined) speak()
    else waiting.push(speak)
  }
  return {
    task: async (title, work) => {
      if (shown !== undefined) return innerTask(shown, title, work)
      shown = { title, text: '', inner: [], redraw: () => {} }
      try {
        return await runLive(stream, shown, work)
      } finally {
        shown = undefined
        for (const speak of waiting.splice(0)) speak()
        waiting = []
      }
    },
    info: (message) => say(() => plain.info(message)),
    warn: (message) => say(() => plain.warn(message)),
  }
}

async function runLive<T>(
  stream: NodeJS.WriteStream,
  shown: Shown,
  work: (task: TaskReporter) => Promise<T>,
): Promise<T> {
  const { DefaultRenderer, Listr, ListrLogger, ProcessOutput } = await import('listr2')
  // listr2 would look at standard output and fall back to lines there when that is a pipe; we draw on standard error.
  class LiveRenderer extends DefaultRenderer {
    static override nonTTY = true
  }
  const results: T[] = []
  const list = new Listr(
    [
      {
        title: titleOf(shown),
        task: async (_context, task) => {
          Object.assign(shown, {
            redraw: () => {
              task.title = titleOf(shown)
            },
          })
          results.push(await work({ update: (text) => redrawWith(shown, text) }))
        },
      },
    ],
    {
      renderer: LiveRenderer,
      // Both streams are standard error: listr2 would draw on standard output, which belongs to the result.
      rendererOptions: {
        logger: new ListrLogger({ processOutput: new ProcessOutput(stream, stream) }),
        timer,
        showErrorMessage: false,
      },
      registerSignalListeners: false,
    },
  )
  await list.run()
  return results[0] as T
}

const timer = {
  condition: (durationMs: number) => durationMs > 1000,
  field: (durationMs: number) => `${(durationMs / 1000).toFixed(1)}s`,
  // listr2 calls it without asking whether it is there.
  format:
    () =>
    (text = '') =>
      text,
}

function redrawWith(shown: Shown, text: string): void {
  shown.text = text
  shown.redraw()
}

async function innerTask<T>(shown: Shown, title: string, work: (task: TaskReporter) => Promise<T>): Promise<T> {
  const inner: Inner = { title, text: '', state: ' ' }
  shown.inner.push(inner)
  shown.redraw()
  const update = (text: string) => {
    inner.text = text
    shown.redraw()
  }
  try {
    const result = await work({ update })
    inner.state = '✓'
    return result
  } catch (error) {
    inner.state = '✗'
    throw error
  } finally {
    shown.redraw()
  }
}

function titleOf({ title, text, inner }: Shown): string {
  const lines = [`${title}${text && `  ${text}`}`, ...inner.map((task) => `${task.state} ${task.title}  ${task.text}`)]
  return lines.map((line) => plainText(line.trimEnd())).join('\n')
}
