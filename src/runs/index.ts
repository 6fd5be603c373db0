// What ran, what runs, what is due: run records, locks, schedules, repetition of what failed.
// Runs nothing by itself, and no lock here decides anything: commits do.
export { type ActiveRun, beginRun, type RunBeginning, type RunEnd } from './begin-run.ts'
export { runsErrors } from './errors.ts'
export { findRun } from './find-run.ts'
export { type LastRunFilter, lastRun, listPipelines, listRuns, type RunFilter } from './list-runs.ts'
export { acquireLock, type Lock, type LockRequest } from './lock.ts'
export type { LockHolder } from './lock-holder.ts'
export { type RecordedWork, recordRun } from './record-run.ts'
export { type RetryPolicy, withRetry } from './retry.ts'
export { keepLog, type RunLog, type RunLogLine } from './run-log.ts'
export type { FinalStatus, Run, RunRecord } from './run-record.ts'
export { isDue, nextDue } from './schedule.ts'
