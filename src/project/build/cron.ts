const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const fields = [
  { name: 'minute', min: 0, max: 59, names: [] as string[] },
  { name: 'hour', min: 0, max: 23, names: [] as string[] },
  { name: 'day of the month', min: 1, max: 31, names: [] as string[] },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of the week', min: 0, max: 7, names: weekdays },
] as const
const nicknames = new Map(
  Object.entries({
    '@hourly': '0 * * * *',
    '@daily': '0 0 * * *',
    '@midnight': '0 0 * * *',
    '@weekly': '0 0 * * 0',
    '@monthly': '0 0 1 * *',
    '@yearly': '0 0 1 1 *',
    '@annually': '0 0 1 1 *',
  }),
)
const longestMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** What is wrong with five cron fields, with what to write; undefined when they are right. */
export function cronProblem(cron: string): { message: string; remedy: string } | undefined {
  const words = cron.trim().split(/\s+/)
  const remedy = 'write five fields: minute hour day month weekday, such as "*/15 * * * *" or "0 3 * * 1-5" (UTC)'
  const nickname = nicknames.get(cron.trim().toLowerCase())
  if (nickname !== undefined)
    return { message: `'${cron}' is a nickname, not five cron fields`, remedy: `write "${nickname}"` }
  if (words.length !== 5) return { message: `'${cron}' has ${words.length} fields, not five`, remedy }
  for (const [i, field] of fields.entries()) {
    if (!words[i]?.split(',').every((part) => isPart(part, field))) {
      return { message: `'${words[i]}' is no ${field.name}: it goes from ${field.min} to ${field.max}`, remedy }
    }
  }
  return isNever(words) ? { message: `'${cron}' names a day that no month has`, remedy } : undefined
}

function isPart(part: string, { min, max, names }: (typeof fields)[number]): boolean {
  const match = /^(?:\*|([a-z\d]+)(?:-([a-z\d]+))?)(?:\/(\d+))?$/i.exec(part)
  if (!match) return false
  const [, from, to, step] = match
  if (step !== undefined && (Number(step) < 1 || Number(step) > max)) return false
  // `5/10` means different things to different crons; `5-59/10` says it.
  if (step !== undefined && from !== undefined && to === undefined) return false
  const number = (word: string) => (/^\d{1,2}$/.test(word) ? Number(word) : nameNumber(word, names, min))
  const low = from === undefined ? min : number(from)
  const high = to === undefined ? low : number(to)
  return low >= min && high <= max && low <= high
}

function nameNumber(word: string, names: readonly string[], first: number): number {
  const index = names.indexOf(word.toLowerCase())
  return index < 0 ? Number.NaN : index + first
}

/** `0 0 31 2 *` is well formed and never due. */
function isNever([, , day = '*', month = '*', weekday = '*']: readonly string[]): boolean {
  if (weekday !== '*' || !/^\d+(?:,\d+)*$/.test(day) || !/^[a-z\d,]+$/i.test(month)) return false
  const days = day.split(',').map(Number)
  return month.split(',').every((word) => {
    const number = /^\d+$/.test(word) ? Number(word) : nameNumber(word, months, 1)
    return days.every((d) => d > (longestMonth[number - 1] ?? 31))
  })
}
