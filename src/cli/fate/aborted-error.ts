/** Carries an error past the end of its command, together with the fact that the user had asked to stop. */
export class AbortedError extends Error {
  readonly error: unknown

  constructor(error: unknown) {
    super('aborted')
    this.error = error
  }
}
