import type { Registry } from 'prom-client'
import type { OnlineReader } from '../online/index.ts'
import type { PredictionLog } from './log/prediction-log.ts'
import type { LiveModel } from './models/live-model.ts'

/** Counts of a running server. Plain numbers on the hot path; Prometheus's names for them at each scrape. */
export interface ServingMetrics {
  /** One request answered, with its HTTP status and its time in the server: none for what was turned away at the door. */
  observe(status: number, seconds?: number): void
  predictions: number
  /** Instances that were answered with a warning, by its code. */
  readonly warnings: Map<string, number>
  /** Requests whose features the online store did not give, by the code of the error. */
  readonly failedFetches: Map<string, number>
  /** How long a server of the online store was waited for, answered or not. The embedded one is not waited for. */
  observeFetch(seconds: number): void
  inFlight: number
  /** What `/metrics` answers. */
  exposition(): Promise<string>
  readonly contentType: string
}

export interface MetricSources {
  readonly service: string
  readonly model: () => LiveModel
  readonly log: PredictionLog | undefined
  readonly reader: OnlineReader
}

const buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5]

export async function servingMetrics(sources: MetricSources): Promise<ServingMetrics> {
  const { Counter, Histogram, Registry } = await import('prom-client')
  const registry = new Registry()
  registry.setDefaultLabels({ service: sources.service })
  const registers = [registry]
  const requests = new Counter({
    name: 'fti_requests_total',
    help: 'Requests answered',
    labelNames: ['status'],
    registers,
  })
  const latency = new Histogram({ name: 'fti_request_seconds', help: 'Time from handler to reply', buckets, registers })
  const fetched = new Histogram({
    name: 'fti_online_fetch_seconds',
    help: 'Time that requests waited for the server of the online store',
    buckets,
    registers,
  })
  const byStatus = new Map<number, { inc(): void }>()
  const metrics: ServingMetrics = {
    predictions: 0,
    warnings: new Map(),
    failedFetches: new Map(),
    observeFetch: (seconds) => fetched.observe(seconds),
    inFlight: 0,
    contentType: registry.contentType,
    exposition: () => registry.metrics(),
    observe: (status, seconds) => {
      let counter = byStatus.get(status)
      if (counter === undefined) {
        counter = requests.labels(String(status))
        byStatus.set(status, counter)
      }
      counter.inc()
      if (seconds !== undefined) latency.observe(seconds)
    },
  }
  await registerGauges(registry, metrics, sources)
  return metrics
}

async function registerGauges(registry: Registry, metrics: ServingMetrics, sources: MetricSources): Promise<void> {
  const { Counter, Gauge } = await import('prom-client')
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  counter('fti_predictions_total', 'Instances answered with a prediction', () => metrics.predictions)
  gauge('fti_requests_in_flight', 'Requests being answered', () => metrics.inFlight)
  gauge('fti_model_version', 'Version that serves', () => sources.model().current.scorer.version)
  gauge(
    'fti_model_loaded_timestamp_seconds',
    'When it was loaded',
    () => sources.model().current.loadedAt.getTime() / 1000,
  )
  counter('fti_model_swaps_total', 'Versions swapped in since the start', () => sources.model().swaps)
  gauge('fti_degraded', '1 when the registry, the newest version or the online store cannot be used', () =>
    Number(sources.model().degraded().length > 0 || sources.reader.trouble() !== undefined),
  )
  gauge('fti_online_up', '0 while the online store cannot be read', () =>
    Number(sources.reader.trouble() === undefined),
  )
  const byCode = (name: string, help: string, counts: ReadonlyMap<string, number>) =>
    new Counter({
      name,
      help,
      labelNames: ['code'],
      registers,
      collect() {
        this.reset()
        for (const [code, count] of counts) this.inc({ code }, count)
      },
    })
  byCode('fti_prediction_warnings_total', 'Instances answered with imputed features, by reason', metrics.warnings)
  byCode(
    'fti_online_fetch_failures_total',
    'Requests that the online store did not answer, by reason',
    metrics.failedFetches,
  )
  gauge('fti_serving_from_copy', '1 while a kept copy answers because the registry could not give the version', () =>
    Number(sources.model().current.keptAt !== undefined),
  )
  const { log } = sources
  if (log === undefined) return
  counter('fti_prediction_log_lines_total', 'Lines written to the prediction log', () => log.count().lines)
  counter('fti_prediction_log_bytes_total', 'Bytes written to the prediction log', () => log.count().bytes)
  counter('fti_prediction_log_lost_total', 'Lines lost: disk full or broken', () => log.count().lost)
  counter('fti_prediction_log_groups_total', 'Writes to the disk, each of many lines', () => log.count().groups)
}
