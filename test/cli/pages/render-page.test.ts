import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Page, showMarkdown, toned } from '../../../src/cli/index.ts'
import { bar, sparkline } from '../../../src/cli/pages/plots.ts'
import { renderPage } from '../../../src/cli/pages/render-page.ts'
import { widthOf, wrapWords } from '../../../src/cli/pages/wrap-words.ts'
import { plainText } from '../../../src/cli/terminal/plain-text.ts'
import { surfaceOf } from '../../../src/cli/terminal/surface.ts'

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

describe('what is too wide for a terminal', () => {
  const narrow = { fancy: true, colour: 0, columns: 40 } as const
  const lines = async (page: Page) => (await renderPage(page.blocks, narrow)).trimEnd().split('\n')

  test('is broken inside the cells of a table, between words', async () => {
    const wide = new Page().table(
      ['on test rows', 'auc', 'logLoss'],
      [['best single feature', '0.71 (0.70 to 0.72)', '0.46 (0.46 to 0.47)']],
    )
    expect(await lines(wide)).toEqual([
      'on test rows  auc         logLoss',
      'best single   0.71 (0.70  0.46 (0.46',
      'feature       to 0.72)    to 0.47)',
    ])
  })

  test('is a name and its values below, where no breaking helps', async () => {
    const head = ['model', 'version', 'registered', 'by', 'promotable']
    const wide = new Page().table(head, [['late_departure', 12, '2026-11-21T15:22:17.907Z', 'somebody', true]])
    expect(await lines(wide)).toEqual([
      'late_departure',
      '  version 12',
      '  registered 2026-11-21 15:22:17Z',
      '  by somebody  promotable yes',
    ])
  })

  test('has a line for each name where values are long', async () => {
    const wide = new Page().table(
      ['group', 'committed_rows', 'place'],
      [['weather', 3, '/srv/a/long/path/to/the/store/weather']],
    )
    expect(await lines(wide)).toEqual([
      'weather',
      '  committed_rows  3',
      '  place',
      '                  /srv/a/long/path/to/the/store/weather',
    ])
  })

  test('goes on below the text of a line, and of a fact', async () => {
    const long = new Page()
      .line('  next: fti registry promote late_departure@3 --to champion')
      .facts([['Why', 'because the delays are in seconds now']])
    expect(await lines(long)).toEqual([
      '  next: fti registry promote',
      '    late_departure@3 --to champion',
      'Why  because the delays are in seconds',
      '     now',
    ])
  })

  test('stays as it is where its lines matter', async () => {
    const file = '*/15 * * * * /usr/bin/node /srv/fti/bin/run.js run --chdir /srv/project\n'
    expect(await lines(new Page().files([{ path: 'crontab', text: file }], []))).toEqual([file.trimEnd()])
  })

  test('is one line in a pipe, whatever its width', async () => {
    const text = `${'word '.repeat(40)}end`
    const wide = new Page().line(text).table(['a', 'b'], [[text, text]])
    expect((await renderPage(wide.blocks, { ...pipe, columns: 40 })).split('\n')).toHaveLength(4)
  })
})

test('no line of a broken text is wider than the terminal, and no word is lost', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(words, fc.integer({ min: 16, max: 80 }), fc.integer({ min: 0, max: 4 }), (list, width, hang) => {
      const broken = wrapWords(list.join(' '), width, hang)
      expect(broken.join(' ').split(/\s+/)).toEqual(list)
      for (const line of broken) expect(widthOf(line)).toBeLessThanOrEqual(width)
    }),
  )
})

test('a card is shown without the marks of Markdown', async () => {
  const page = new Page()
  const card =
    '# late\n\nUses `maxAge`.\n\n|  |  |\n| --- | --- |\n| owner | **ml** \\| ops |\n\n| slice | rows |\n| --- | --- |\n| a | 12 |\n\n- first\n- second\n'
  showMarkdown(page, card)
  expect(await renderPage(page.blocks, pipe)).toBe(
    'late\n\nUses maxAge.\n\nowner  ml | ops\n\nslice  rows\na      12\n\n- first\n- second\n',
  )
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
