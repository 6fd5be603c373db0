/** Why an instance or a request is not accepted. Holds nothing of what was sent: no value, and no name it made up. */
export interface Refusal {
  /** JSON path: `$.instances[3].distance`. */
  readonly path: string
  /** The rule that was broken: `required`, `type`, `range`. */
  readonly rule: string
  /** For people: what was expected. */
  readonly message: string
}
