/** An online endpoint: which version of which model answers, and what callers may expect. */
export interface Service {
  readonly name: string
  readonly model: string
  /** The tag whose version answers. */
  readonly tag: string
  readonly onUnknownEntity: 'impute' | 'refuse'
  /** When the online store does not answer in time. */
  readonly onUnavailableFeatures: 'impute' | 'refuse'
  readonly port: number
  readonly description?: string | undefined
  readonly owner?: string | undefined
  readonly objective?: { readonly p99Ms: number } | undefined
}
