import { PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LineBatch, lineBatches } from '../../../src/feature/follow/line-batches.ts'

async function all(batches: AsyncIterable<LineBatch>): Promise<LineBatch[]> {
  const found: LineBatch[] = []
  for await (const batch of batches) found.push(batch)
  return found
}

const limits = { rowsMax: 3, bytesMax: 1_000_000, waitMs: 60_000 }

test('however the bytes arrive, each line is in one batch, in order, and no batch has more rows than it may', async () => {
  const lines = fc.array(
    fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', '')),
    { maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(
      lines,
      fc.boolean(),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 5 }),
      async (texts, isEnded, size, rowsMax) => {
        const text = texts.join('\n') + (isEnded && texts.length > 0 ? '\n' : '')
        const bytes = Buffer.from(text)
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
          bytes.subarray(n * size, (n + 1) * size),
        )
        const found = await all(lineBatches(Readable.from(chunks, { objectMode: false }), { ...limits, rowsMax }))
        expect(Buffer.concat(found.map((batch) => batch.bytes)).toString()).toBe(text)
        let line = 1
        for (const batch of found) {
          expect(batch.firstLine).toBe(line)
          expect(batch.lines).toBeLessThanOrEqual(rowsMax)
          expect(batch.bytes.toString().replace(/\n$/, '').split('\n')).toHaveLength(batch.lines)
          line += batch.lines
        }
      },
    ),
    { numRuns: 200 },
  )
})

test('a row that comes alone is handed on when its time is over', async () => {
  const stream = new PassThrough()
  const batches = lineBatches(stream, { ...limits, waitMs: 30 })
  stream.write('{"a":1}\n{"a"')
  const { value } = await batches.next()
  expect(value).toMatchObject({ firstLine: 1, lines: 1 })
  stream.end(':2}')
  expect((await batches.next()).value).toMatchObject({ firstLine: 2, lines: 1, bytes: Buffer.from('{"a":2}') })
  expect((await batches.next()).done).toBe(true)
})

test('a stop hands on the whole lines that were read, and not the beginning of the next', async () => {
  const stop = new AbortController()
  const stream = new PassThrough()
  stream.write('1\n2\n3')
  const found = all(lineBatches(stream, { ...limits, signal: stop.signal }))
  await sleep(30)
  stop.abort()
  expect((await found).map(({ bytes }) => bytes.toString())).toEqual(['1\n2\n'])
  expect(stream.destroyed).toBe(true)
})

test('nothing is read while a batch is worked on', async () => {
  let made = 0
  const source = new Readable({
    highWaterMark: 64,
    read() {
      made++
      this.push(made > 5000 ? null : `${String(made).padStart(7, '0')}\n`)
    },
  })
  const batches = lineBatches(source, { ...limits, rowsMax: 10 })
  await batches.next()
  // The stream fills its own buffer, and stops.
  await sleep(50)
  expect(made).toBeLessThan(40)
  await batches.return(undefined)
})

test('a line that never ends is an error, and does not fill the memory', async () => {
  const endless = new Readable({
    read() {
      this.push('x'.repeat(1000))
    },
  })
  await expect(all(lineBatches(endless, { ...limits, bytesMax: 10_000 }))).rejects.toMatchObject({
    code: 'FTI_SOURCE_UNREADABLE',
    place: 'standard input:1',
  })
})
