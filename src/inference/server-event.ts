/** What an operator should know of a running server. The caller decides where it is written. */
export type ServerEvent =
  | {
      readonly kind: 'model-loaded'
      readonly model: string
      readonly version: number
      readonly previous: number | undefined
      /** When the copy was kept that answers in place of the registry's; undefined when it came from the registry. */
      readonly keptAt: string | undefined
    }
  /** What serves could not be kept for a start without the registry. */
  | { readonly kind: 'copy-failed'; readonly error: unknown }
  /** The tag names this version, which cannot be served; the one before goes on. */
  | { readonly kind: 'model-refused'; readonly model: string; readonly version: number; readonly error: unknown }
  | { readonly kind: 'registry-trouble'; readonly error: unknown }
  | { readonly kind: 'registry-back' }
  | { readonly kind: 'log-failed'; readonly error: unknown }
  | { readonly kind: 'log-recovered' }
  | { readonly kind: 'online-trouble'; readonly error: unknown }
  | { readonly kind: 'online-back' }
  /** A request that failed through no fault of its own; the reply names only its id. */
  | { readonly kind: 'request-failed'; readonly requestId: string; readonly error: unknown }

export type OnEvent = (event: ServerEvent) => void
