import { toned } from '../pages/page.ts'
import { fitted, painter } from '../pages/render-page.ts'
import { plainText } from '../terminal/plain-text.ts'
import { surfaceOf } from '../terminal/surface.ts'
import type { Talk } from '../terminal/talk.ts'
import type { Fate } from './fate.ts'

/** Says how a command failed: on standard output as a document, on standard error as an event or as text. */
export async function printFate(fate: Fate, talk: Talk): Promise<void> {
  const { code, message, place, remedy, detail, data } = fate
  const error = { code, message, place, remedy, detail, data }
  if (talk.json) process.stdout.write(`${JSON.stringify({ schema: 'fti.error/1', error }, null, 2)}\n`)
  if (talk.events) {
    process.stderr.write(
      `${JSON.stringify({ time: new Date().toISOString(), level: 'error', event: 'error', ...error })}\n`,
    )
  } else if (!talk.json) {
    process.stderr.write(await fateText(fate))
  }
}

/** `FTI_X  what happened`, where, the lines below it, and what to do. */
async function fateText(fate: Fate): Promise<string> {
  const surface = surfaceOf(process.stderr)
  const paint = await painter(surface)
  if (fate.kind === 'cancelled') return `${paint(toned('warn', fate.message))}\n`
  const lines = [fitted(`${paint(toned('bad', fate.code))}  ${plainText(fate.message, 'lines')}`, surface)]
  if (fate.place !== undefined) lines.push(`  at   ${paint(toned('strong', fate.place))}`)
  if (fate.detail !== undefined) lines.push(indented(plainText(fate.detail, 'lines')))
  lines.push(fitted(`  ${paint(toned('good', 'fix'))}  ${plainText(fate.remedy, 'lines')}`, surface, 7))
  return `${lines.join('\n')}\n`
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`.trimEnd())
    .join('\n')
}
