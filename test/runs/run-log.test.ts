import { expect, test } from 'vitest'
import { silentReporter } from '../../src/base/index.ts'
import { keepLog } from '../../src/runs/index.ts'

test('what is told is kept with its level: tasks as they begin and end, facts, warnings', async () => {
  const log = keepLog(silentReporter)
  log.reporter.info('a fact')
  log.reporter.warn('a warning')
  await log.reporter.task('fit', async (task) => {
    task.update('epoch 1')
    task.update('2 epochs')
  })
  const failed = log.reporter.task('sync', async () => {
    throw new Error('no')
  })
  await expect(failed).rejects.toThrow('no')
  expect(log.lines().map(({ level, text }) => `${level} ${text}`)).toEqual([
    'info a fact',
    'warn a warning',
    'info fit',
    'info fit: 2 epochs',
    'info sync',
    'warn sync: failed',
  ])
})

test('the one who listens hears it too', () => {
  const heard: string[] = []
  keepLog({ ...silentReporter, warn: (text) => heard.push(text) }).reporter.warn('careful')
  expect(heard).toEqual(['careful'])
})

test('a run that tells very much keeps its first lines', () => {
  const log = keepLog(silentReporter)
  for (let i = 0; i < 2000; i++) log.reporter.info(`line ${i}`)
  expect(log.lines()).toHaveLength(500)
})
