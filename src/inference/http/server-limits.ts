export interface ServerLimits {
  readonly maxBodyBytes: number
  readonly maxInstances: number
  readonly maxInFlight: number
  /** How long a client may take to send a request. */
  readonly requestTimeoutMs: number
  /** How long a version may take to load in a thread of its own before it is refused; 0 loads it without that trial. */
  readonly loadTimeoutMs: number
  /** How long a closing server still answers on open connections before it stops accepting. */
  readonly lingerMs: number
  /** How long a close waits for requests in flight. */
  readonly drainMs: number
}

export const defaultLimits: ServerLimits = {
  maxBodyBytes: 1024 * 1024,
  maxInstances: 1000,
  maxInFlight: 1024,
  requestTimeoutMs: 10_000,
  loadTimeoutMs: 20_000,
  lingerMs: 100,
  drainMs: 10_000,
}
