/** How the command line wants to be answered, read before any command exists, so that early errors obey it too. */
export interface Talk {
  /** One document on standard output instead of text for people. */
  readonly json: boolean
  /** Events on standard error as lines of JSON instead of text. */
  readonly events: boolean
  /** No progress and no remarks; warnings and errors only. */
  readonly quiet: boolean
}

export function talkOf(argv: readonly string[]): Talk {
  const end = argv.indexOf('--')
  const flags = end === -1 ? argv : argv.slice(0, end)
  const format = flags.findIndex((flag) => flag === '--log-format' || flag.startsWith('--log-format='))
  const events = format !== -1 && (flags[format]?.split('=')[1] ?? flags[format + 1]) === 'json'
  return { json: flags.includes('--json'), events, quiet: flags.includes('--quiet') || flags.includes('-q') }
}
