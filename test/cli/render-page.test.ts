import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Page, toned } from '../../src/cli/index.ts'
import { plainText } from '../../src/cli/plain-text.ts'
import { bar, sparkline } from '../../src/cli/plots.ts'
import { renderPage } from '../../src/cli/render-page.ts'
import { surfaceOf } from '../../src/cli/surface.ts'

const pipe = { fancy: false, colour: 0, columns: 80 } as const
const terminal = { fancy: true, colour: 1, columns: 80 } as const
const page = () =>
  new Page().table(
    ['Group', 'Rows', 'State'],
    [
      ['airport', 12400, toned('good', 'ok')],
      ['b', 2.0625678, null],
    ],
  )

describe('a table', () => {
  test('in a pipe is padded columns, numbers to the right and not grouped', async () => {
    expect(await renderPage(page().blocks, pipe)).toBe(
      ['Group     Rows  State', 'airport  12400  ok', 'b        2.063  -', ''].join('\n'),
    )
  })

  test('on a terminal has a rule, groups and colours', async () => {
    const text = await renderPage(page().blocks, terminal)
    expect(text).toContain('12,400')
    expect(text).toContain('\u001b[32mok\u001b[39m')
  })

  test('keeps a row on one line, whatever a name holds', async () => {
    const text = await renderPage(new Page().table(['Name'], [['a\nb\tc\u001b[2J']]).blocks, pipe)
    expect(text).toBe('Name\na\\nb\\tc\\u{1b}[2J\n')
  })

  test('without rows shows its head alone', async () => {
    expect(await renderPage(new Page().table(['A', 'B'], []).blocks, pipe)).toBe('A  B\n')
  })
})

test('facts are names and values in two columns', async () => {
  const facts = new Page().facts([
    ['Version', 3],
    ['Registered by', 'ana'],
    ['Live', true],
  ])
  expect(await renderPage(facts.blocks, pipe)).toBe('Version        3\nRegistered by  ana\nLive           yes\n')
})

test('bars grow from zero to the largest value', async () => {
  const bars = new Page().bars([
    { label: 'a', value: 2 },
    { label: 'bb', value: 1 },
  ])
  const [first, second] = (await renderPage(bars.blocks, pipe)).split('\n')
  expect(first).toBe(`a   ${'█'.repeat(40)}  2`)
  expect(second).toBe(`bb  ${'█'.repeat(20)}${' '.repeat(20)}  1`)
})

test('an empty page is empty', async () => {
  expect(await renderPage([], pipe)).toBe('')
  expect(await renderPage(new Page().facts([]).bars([]).blocks, pipe)).toBe('\n\n')
})

test('a sparkline has one character a value', () => {
  expect(sparkline([0, 1, 2, Number.NaN, 7])).toBe('▁▂▃ █')
  expect(sparkline([5, 5])).toBe('▁▁')
  expect(sparkline([])).toBe('')
  fc.assert(fc.property(fc.array(fc.double()), (values) => [...sparkline(values)].length === values.length))
})

test('a bar never leaves its width', () => {
  fc.assert(fc.property(fc.double(), fc.double(), (value, largest) => [...bar(value, largest, 10)].length <= 10))
})

test('plain text shows what would move, hide or turn text, and nothing else changes', () => {
  expect(plainText('a\u001b[31mb\u202ec\u200bd\u0000')).toBe('a\\u{1b}[31mb\\u{202e}c\\u{200b}d\\u{0}')
  expect(plainText('Zürich 東京 🛫')).toBe('Zürich 東京 🛫')
  expect(plainText('a\nb', 'lines')).toBe('a\nb')
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{Cc}\p{Cf}]/u.test(plainText(text))))
})

describe('colours', () => {
  const stream = (isTTY: boolean) => ({ isTTY, columns: isTTY ? 100 : undefined }) as NodeJS.WriteStream

  test.each([
    ['none in a pipe', false, {}, 0],
    ['on a terminal', true, { TERM: 'xterm' }, 1],
    ['256 where the terminal says so', true, { TERM: 'xterm-256color' }, 2],
    ['none with NO_COLOR', true, { NO_COLOR: '1', TERM: 'xterm' }, 0],
    ['none on a dumb terminal', true, { TERM: 'dumb' }, 0],
    ['in a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, 1],
    ['none with FORCE_COLOR=0', true, { FORCE_COLOR: '0', TERM: 'xterm' }, 0],
  ])('%s', (_title, isTTY, env, level) => {
    expect(surfaceOf(stream(isTTY), env).colour).toBe(level)
  })
})
