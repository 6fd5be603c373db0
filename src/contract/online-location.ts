/** Where the online store is: a directory on a local disk (LMDB, one host), or a server that several hosts share. */
export type OnlineLocation = EmbeddedLocation | ServerLocation

export interface EmbeddedLocation {
  readonly kind: 'lmdb'
  /** Absolute path of the directory. */
  readonly path: string
}

export interface ServerLocation {
  readonly kind: 'redis' | 'postgres'
  /** May hold a password: show `shownLocation` instead. */
  readonly url: string
  /** Beginning of the keys in Redis, schema in PostgreSQL: keeps projects on one server apart. */
  readonly prefix: string
  /** How long a request for a prediction waits for the store. */
  readonly budgetMs: number
}

/** The place as it may be printed: never with a password or the parameters of a URL. */
export function shownLocation(location: OnlineLocation): string {
  if (location.kind === 'lmdb') return location.path
  const { protocol, host, pathname } = new URL(location.url)
  return `${protocol}//${host}${pathname}`
}
