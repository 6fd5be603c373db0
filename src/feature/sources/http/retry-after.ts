/** Nobody waits longer than this for one answer; a scheduled run comes back by itself. */
export const longestWaitMs = 300_000

/** The header Retry-After, which is seconds or a date, as milliseconds from now; undefined when it is neither. */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime())
}
