import type { Model } from '../contract/index.ts'
import { compileNetwork } from '../model/index.ts'
import { fitBaselines } from './baselines.ts'
import { scoreOpponent } from './champion.ts'
import { bootstrapMetrics } from './evaluation/bootstrap.ts'
import { type Evaluation, evaluate, type MetricEstimate, resamples } from './evaluation/evaluation.ts'
import { findLeakage, implausibleScore } from './evaluation/leakage.ts'
import { metricsOf } from './evaluation/metrics.ts'
import { rankRows, type ScoredRows } from './evaluation/ranking.ts'
import type { FittedModel, Splits } from './fit-model.ts'
import { type GateResult, judgeGates, type Opponent } from './gates.ts'
import { permutationImportance } from './importance.ts'
import type { Report } from './report.ts'

/** What the test rows say about a fitted model: everything of the report but the verdict of parity. */
export type Judgement = Pick<Report, 'test' | 'baselines' | 'importance' | 'leakage' | 'gates'>

/** Evaluates on `test`, beside the baselines, and holds the result against the gates. */
export async function judge(
  model: Model,
  fitted: FittedModel,
  splits: Splits,
  options: { readonly registry: string; readonly testStarts: Date; readonly signal?: AbortSignal | undefined },
): Promise<Judgement> {
  const { task, fit } = model
  const compiled = compileNetwork(fitted.network.weights)
  const { test } = fitted.matrices
  const rows = rankRows(Float64Array.from(compiled.predictBatch(test.x, test.rows)), splits.test.labels)
  const evaluation = evaluate(rows, task, { seed: fit.seed, slices: sliceColumnsOf(model, splits) })
  const baselines = await judgeBaselines(model, fitted, splits, options.signal)
  const leakage = findLeakage(vectorOnly(fitted, splits), splits.train.labels, task)
  const [first] = metricsOf(task)
  if (!first) throw new Error(`task ${task} has no metric`)
  return {
    test: evaluation,
    baselines,
    importance: permutationImportance(compiled, fitted.encoder, test, first, fit.seed),
    leakage,
    gates: [leakageGate(leakage), ...(await declaredGates(model, evaluation, rows, splits, options))],
  }
}

function sliceColumnsOf(model: Model, splits: Splits) {
  const names = new Set(model.gates.flatMap((gate) => gate.slice ?? []))
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const column = splits.test.columns.columns[name]
      return column ? [[name, column]] : []
    }),
  )
}

function vectorOnly(fitted: FittedModel, splits: Splits) {
  const { columns } = splits.train.columns
  return Object.fromEntries(
    fitted.encoder.parts.flatMap(({ column }) => (columns[column] ? [[column, columns[column]]] : [])),
  )
}

async function judgeBaselines(model: Model, fitted: FittedModel, splits: Splits, signal: AbortSignal | undefined) {
  const { task, fit } = model
  const baselines = await fitBaselines({
    task,
    fit,
    encoder: fitted.encoder,
    raw: splits.train,
    ...fitted.matrices,
    signal,
  })
  return baselines.map(({ name, scores }) => ({
    name,
    metrics: estimates(rankRows(scores, splits.test.labels), model),
  }))
}

function estimates(rows: ScoredRows, { task, fit }: Model): Record<string, MetricEstimate> {
  const metrics = metricsOf(task)
  const intervals = bootstrapMetrics(rows, metrics, { resamples, seed: fit.seed })
  return Object.fromEntries(
    metrics.map((metric) => {
      const { low, high } = intervals[metric.name] ?? { low: Number.NaN, high: Number.NaN }
      return [metric.name, { value: metric.compute(rows), low, high }]
    }),
  )
}

async function declaredGates(
  model: Model,
  evaluation: Evaluation,
  rows: ScoredRows,
  splits: Splits,
  { registry, testStarts }: { readonly registry: string; readonly testStarts: Date },
): Promise<GateResult[]> {
  const opponents = new Map<string, Opponent>()
  for (const tag of new Set(model.gates.flatMap((gate) => gate.notWorseThan ?? [])))
    opponents.set(tag, await scoreOpponent(registry, model.name, tag, splits.test, testStarts))
  return judgeGates(model.gates, {
    task: model.task,
    evaluation,
    rows,
    seed: model.fit.seed,
    opponent: (tag) => opponents.get(tag) ?? { kind: 'none' },
  })
}

function leakageGate(leakage: Judgement['leakage']): GateResult {
  return {
    gate: `no single feature scores ${implausibleScore} or more alone`,
    passed: leakage.length === 0,
    found:
      leakage.length === 0
        ? 'none does'
        : leakage.map(({ column, score }) => `${column} ${score.toFixed(3)} knows the label`).join(', '),
  }
}
