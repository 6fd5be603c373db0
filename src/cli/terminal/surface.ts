import type { ColorSupportLevel } from 'chalk'

/** What a stream can show. */
export interface Surface {
  /** A terminal: borders, colours and live updates make sense. */
  readonly fancy: boolean
  /** chalk's level: 0 none, 1 sixteen colours, 2 256, 3 true colour. */
  readonly colour: ColorSupportLevel
  readonly columns: number
}

/** Reads the stream and the conventions: NO_COLOR (no-color.org), FORCE_COLOR, TERM=dumb. */
export function surfaceOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): Surface {
  const columns = stream.columns ?? 0
  const fancy = stream.isTTY === true && columns > 0 && env['TERM'] !== 'dumb'
  return { fancy, colour: colourLevel(fancy, env), columns: columns || 80 }
}

function colourLevel(fancy: boolean, env: NodeJS.ProcessEnv): ColorSupportLevel {
  if (env['NO_COLOR']) return 0
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced === '0' || forced === 'false' ? 0 : 1
  if (!fancy) return 0
  if (env['COLORTERM'] === 'truecolor' || env['COLORTERM'] === '24bit') return 3
  return env['TERM']?.includes('256') ? 2 : 1
}
