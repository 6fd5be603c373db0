/** What an operator should know of a running server. The caller decides where it is written. */
export type ServerEvent =
  | {
      readonly kind: 'model-loaded'
      readonly model: string
      readonly version: number
      readonly previous: number | undefined
    }
  /** The tag names this version, which cannot be served; the one before goes on. */
  | { readonly kind: 'model-refused'; readonly model: string; readonly version: number; readonly error: unknown }
  | { readonly kind: 'registry-trouble'; readonly error: unknown }
  | { readonly kind: 'registry-back' }
  | { readonly kind: 'log-failed'; readonly error: unknown }
  | { readonly kind: 'log-recovered' }
  | { readonly kind: 'online-trouble'; readonly error: unknown }
  /** A request that failed through no fault of its own; the reply names only its id. */
  | { readonly kind: 'request-failed'; readonly requestId: string; readonly error: unknown }

export type OnEvent = (event: ServerEvent) => void

/** An event as a line for people, and whether it asks for somebody's attention. */
export function eventText(event: ServerEvent): { readonly isTrouble: boolean; readonly text: string } {
  const trouble = (text: string) => ({ isTrouble: true, text })
  const news = (text: string) => ({ isTrouble: false, text })
  switch (event.kind) {
    case 'model-loaded':
      return news(
        `serves ${event.model}@${event.version}${event.previous === undefined ? '' : `, before it @${event.previous}`}`,
      )
    case 'model-refused':
      return trouble(
        `${event.model}@${event.version} was refused, the version before it goes on: ${reasonOf(event.error)}`,
      )
    case 'registry-trouble':
      return trouble(`the registry cannot be read, the last good version goes on: ${reasonOf(event.error)}`)
    case 'registry-back':
      return news('the registry can be read again')
    case 'log-failed':
      return trouble(`the prediction log cannot be written, predictions go on without it: ${reasonOf(event.error)}`)
    case 'log-recovered':
      return news('the prediction log is written again')
    case 'online-trouble':
      return trouble(`a newer sync cannot be read, the features before it go on: ${reasonOf(event.error)}`)
    case 'request-failed':
      return trouble(`request ${event.requestId} failed: ${reasonOf(event.error)}`)
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
