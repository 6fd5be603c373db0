import { FtiError } from '../../base/index.ts'

/** One thing that `fti doctor` has looked at. */
export interface Diagnosis {
  readonly check: string
  /** `warn`: works, yet worth knowing; `fail`: some command will not work here. */
  readonly state: 'ok' | 'warn' | 'fail'
  readonly found: string
  readonly place?: string | undefined
  readonly remedy?: string | undefined
}

/** Runs one check; whatever it throws becomes its finding, so that the next checks still run. */
export async function diagnose(check: string, look: () => Promise<Omit<Diagnosis, 'check'>>): Promise<Diagnosis> {
  try {
    return { check, ...(await look()) }
  } catch (error) {
    if (error instanceof FtiError) {
      const { message, place, remedy } = error
      return { check, state: 'fail', found: message, place, remedy }
    }
    return { check, state: 'fail', found: error instanceof Error ? error.message : String(error) }
  }
}
