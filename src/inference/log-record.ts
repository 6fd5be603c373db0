import type { Instance, Scored } from '../scoring/index.ts'

export interface LogContext {
  readonly requestId: string
  readonly service: string
  /** `late_departure@3`. */
  readonly model: string
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
  const { requestId, service, model, time, now, microseconds } = context
  // Ids, names and times hold no character that JSON escapes.
  const head = `{"id":"${requestId}","time":"${time}"${now === undefined ? '' : `,"now":"${now}"`},"service":"${service}","model":"${model}"`
  let lines = ''
  for (let i = 0; i < scored.length; i++) {
    const { output, values, ages, unknown, stale, ahead, unavailable } = scored[i] as Scored
    const imputed =
      unknown.length + stale.length + ahead.length + unavailable.length === 0
        ? ''
        : `,"imputed":${JSON.stringify([...unknown, ...stale, ...ahead, ...unavailable])}`
    lines += `${head},"n":${i},"instance":${JSON.stringify(instances[i])},"values":${JSON.stringify(values)},"ages":${JSON.stringify(ages)}${imputed},"output":${output},"us":${microseconds}}\n`
  }
  return lines
}
