import type { Instance, Scored } from '../../scoring/index.ts'

export interface LogContext {
  readonly requestId: string
  readonly service: string
  /** `late_departure@3`. */
  readonly model: string
  /** True when a kept copy of the version answered, because the registry could not give it. */
  readonly isCopy: boolean
  /** When it was answered, and the moment that ages count from when it is another. */
  readonly time: string
  readonly now: string | undefined
  readonly microseconds: number
}

/**
 * The lines of one request, one for each instance: enough to explain the prediction, to join its label later and to
 * compare what was served with what was trained on. Members are fixed; `instance` holds keys and request columns,
 * `values` the vector before transforms in the order of the signature.
 */
export function logLines(context: LogContext, instances: readonly Instance[], scored: readonly Scored[]): string {
  const { requestId, service, model, isCopy, time, now, microseconds } = context
  // Ids, names and times hold no character that JSON escapes.
  const clock = now === undefined ? '' : `,"now":"${now}"`
  const source = isCopy ? ',"source":"copy"' : ''
  const head = `{"id":"${requestId}","time":"${time}"${clock},"service":"${service}","model":"${model}"${source}`
  let lines = ''
  for (let i = 0; i < scored.length; i++) {
    const { output, values, ages, unknown, stale, ahead, unavailable } = scored[i] as Scored
    const missing = [...unknown, ...stale, ...ahead, ...unavailable]
    const imputed = missing.length === 0 ? '' : `,"imputed":${JSON.stringify(missing)}`
    const read = `"instance":${JSON.stringify(instances[i])},"values":${JSON.stringify(values)}`
    lines += `${head},"n":${i},${read},"ages":${JSON.stringify(ages)}${imputed},"output":${output},"us":${microseconds}}\n`
  }
  return lines
}
