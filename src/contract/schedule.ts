/** When a pipeline is due and how often a failed run is tried again. */
export interface Schedule {
  /** Five cron fields, UTC; absent means: only when asked. */
  readonly cron?: string | undefined
  readonly retry: { readonly times: number; readonly backoffMs: number }
}
