import { PassThrough } from 'node:stream'
import { setImmediate as tick } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { lineReporter } from '../../../src/cli/terminal/line-reporter.ts'
import { liveReporter } from '../../../src/cli/terminal/live-reporter.ts'

const pipe = { fancy: false, colour: 0, columns: 80 } as const

/** A terminal of 80 columns that remembers what was written to it, without its escape sequences. */
function terminal(): { stream: NodeJS.WriteStream; text(): string } {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
  const chunks: string[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out.
  const text = () => chunks.join('').replace(/\u001b\[[\d;?]*[a-zA-Z]/g, '')
  return { stream: stream as unknown as NodeJS.WriteStream, text }
}

test('a live task shows its title and its last update', async () => {
  const { stream, text } = terminal()
  const result = await liveReporter(stream, pipe).task('training', async (task) => {
    task.update('epoch 1 of 2')
    task.update('epoch 2 of 2')
    return 7
  })
  expect(result).toBe(7)
  expect(text()).toMatch(/✔ training {2}epoch 2 of 2/)
})

test('a live task that took more than a second says how long', async () => {
  const { stream, text } = terminal()
  await liveReporter(stream, pipe).task('training', () => new Promise((resolve) => setTimeout(resolve, 1100)))
  expect(text()).toMatch(/✔ training \[1\.\ds\]/)
})

test('a task inside a live task is a line below it', async () => {
  const { stream, text } = terminal()
  const reporter = liveReporter(stream, pipe)
  await reporter.task('outer', () => reporter.task('inner', async (task) => task.update('9 rows')))
  expect(text()).toMatch(/✔ outer\s+✓ inner {2}9 rows/)
})

test('a remark during a live task comes after it', async () => {
  const { stream, text } = terminal()
  const reporter = liveReporter(stream, pipe)
  await reporter.task('work', async () => reporter.info('noted'))
  await tick()
  expect(text().indexOf('noted')).toBeGreaterThan(text().indexOf('✔ work'))
})

test('two live tasks after one another are two lines', async () => {
  const { stream, text } = terminal()
  const reporter = liveReporter(stream, pipe)
  await reporter.task('first', async () => {})
  await reporter.task('second', async () => {})
  expect(text()).toMatch(/✔ first[\s\S]*✔ second/)
})

test('the error of a live task comes out as it went in', async () => {
  const { stream } = terminal()
  const error = new Error('no')
  await expect(liveReporter(stream, pipe).task('work', () => Promise.reject(error))).rejects.toBe(error)
})

test('a failed task is marked in plain lines', async () => {
  const { stream, text } = terminal()
  const work = lineReporter(stream, pipe).task('work', () => Promise.reject(new Error('no')))
  await expect(work).rejects.toThrow('no')
  expect(text()).toMatch(/^✗ work {2}\d+ms\n$/)
})

test('a hundred updates in a moment are no hundred lines', async () => {
  const { stream, text } = terminal()
  await lineReporter(stream, pipe).task('work', async (task) => {
    for (let i = 0; i < 100; i++) task.update(`${i}`)
  })
  expect(text().split('\n')).toHaveLength(2)
})

test('a title cannot rewrite the screen', async () => {
  const { stream, text } = terminal()
  await lineReporter(stream, pipe).task('a\u001b]0;title\u0007', async () => {})
  expect(text()).toContain('a\\u{1b}]0;title\\u{7}')
})
