import { FtiError } from './error.ts'
import { baseErrors } from './errors.ts'

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/**
 * Milliseconds of a duration such as `500ms`, `15m`, `6h` or `30d`.
 * A number without a unit is refused: nobody remembers which unit was meant.
 */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text)
  if (!match?.[1] || !match[2]) {
    throw new FtiError(baseErrors.FTI_DURATION_INVALID, {
      message: `'${text}' is not a duration`,
      remedy: 'write a number and a unit: 500ms, 30s, 15m, 6h, 30d or 2w',
    })
  }
  return Math.round(Number(match[1]) * unitMs[match[2] as keyof typeof unitMs])
}

/** `93784000` as `1d 2h`: the two largest units, for people. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)}ms`
  if (durationMs < 60_000) return `${(durationMs / 1000).toFixed(1)}s`
  const parts: string[] = []
  let rest = durationMs
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / unitMs[unit])
    rest -= count * unitMs[unit]
    if (count > 0) parts.push(`${count}${unit}`)
  }
  return parts.slice(0, 2).join(' ')
}
