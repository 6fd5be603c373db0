const steps = '▁▂▃▄▅▆▇█'

/** Values as one line of block characters, lowest to highest; a value that is not finite is a blank. */
export function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite)
  const low = Math.min(...finite)
  const range = Math.max(...finite) - low
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return ' '
      const step = range === 0 ? 0 : Math.round(((value - low) / range) * (steps.length - 1))
      return steps[step] ?? ' '
    })
    .join('')
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of `width` characters at most for `value` of `largest`, to an eighth of a character. */
export function bar(value: number, largest: number, width: number): string {
  if (!(value > 0) || !(largest > 0)) return ''
  const parts = Math.round((Math.min(value, largest) / largest) * width * 8)
  return '█'.repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? '')
}
