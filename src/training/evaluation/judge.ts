import { setImmediate as nextTurn } from 'node:timers/promises'
import { throwIfCancelled } from '../../base/index.ts'
import type { Model } from '../../contract/index.ts'
import type { Column, Engine } from '../../engine/index.ts'
import { compileNetwork } from '../../model/index.ts'
import type { Project } from '../../project/index.ts'
import type { BuiltDataset } from '../dataset/build-dataset.ts'
import type { FittedModel, Splits } from '../fit-model.ts'
import { fitBaselines } from './baselines.ts'
import { type Estimates, type Evaluation, estimateMetrics, evaluationOf } from './evaluation.ts'
import { type GateResult, judgeGates } from './gates.ts'
import { type Importance, permutationImportance } from './importance.ts'
import { findLeakage, implausibleScore, type LeakageSuspect, singleFeatureScores } from './leakage.ts'
import { metricsOf } from './metrics.ts'
import { type Arena, scoreOpponents } from './opponent.ts'
import { rankRows, type ScoredRows } from './ranking.ts'

/** What the test rows say about a fitted model: everything of the report but the verdict of parity. */
export interface Judgement {
  readonly test: Evaluation
  /** Never a metric without its baseline. */
  readonly baselines: readonly { readonly name: string; readonly metrics: Estimates }[]
  readonly importance: readonly Importance[]
  readonly leakage: readonly LeakageSuspect[]
  readonly gates: readonly GateResult[]
}

export interface JudgeOptions {
  readonly engine: Engine
  readonly project: Pick<Project, 'registry' | 'store'>
  readonly built: Pick<BuiltDataset, 'dataset' | 'signature' | 'onDemand'>
  readonly signal?: AbortSignal | undefined
}

/** Evaluates on `test`, beside the baselines, and holds the result against the gates. */
export async function judge(
  model: Model,
  fitted: FittedModel,
  splits: Splits,
  options: JudgeOptions,
): Promise<Judgement> {
  const { task, fit } = model
  const { train, test } = fitted.matrices
  const singleFeatures = singleFeatureScores(vectorColumns(fitted, splits), splits.train.labels, task)
  const { encoder } = fitted
  const baselines = await fitBaselines({ task, encoder, train, test, singleFeatures, signal: options.signal })
  const compiled = compileNetwork(fitted.network.weights)
  const rank = (scores: Float64Array) => rankRows(scores, splits.test.labels)
  const rows = rank(Float64Array.from(compiled.predictBatch(test.x, test.rows)))
  await betweenSteps(options)
  const [own, ...others] = estimateMetrics([rows, ...baselines.map(({ scores }) => rank(scores))], task, fit.seed)
  const [first] = metricsOf(task)
  if (!first || !own) throw new Error(`task ${task} has no metric`)
  await betweenSteps(options)
  const importance = permutationImportance(compiled, encoder, test, first, fit.seed)
  await betweenSteps(options)
  const evaluation = evaluationOf(rows, own, task, sliceColumns(model, splits))
  const leakage = findLeakage(singleFeatures)
  return {
    test: evaluation,
    baselines: baselines.map(({ name }, index) => ({ name, metrics: others[index] ?? {} })),
    importance,
    leakage,
    gates: [leakageGate(leakage, singleFeatures), ...(await declaredGates(model, evaluation, rows, splits, options))],
  }
}

/** Lets Ctrl-C and the progress line in. */
async function betweenSteps({ signal }: JudgeOptions): Promise<void> {
  await nextTurn()
  throwIfCancelled(signal)
}

function sliceColumns(model: Model, { test }: Splits): Record<string, Column> {
  return pickColumns(
    test.columns.columns,
    model.gates.flatMap((gate) => gate.slice ?? []),
  )
}

function vectorColumns({ encoder }: FittedModel, { train }: Splits): Record<string, Column> {
  return pickColumns(
    train.columns.columns,
    encoder.parts.map(({ column }) => column),
  )
}

function pickColumns(columns: Readonly<Record<string, Column>>, names: readonly string[]): Record<string, Column> {
  return Object.fromEntries(names.flatMap((name) => (columns[name] ? [[name, columns[name]]] : [])))
}

async function declaredGates(
  model: Model,
  evaluation: Evaluation,
  rows: ScoredRows,
  splits: Splits,
  { engine, project, built, signal }: JudgeOptions,
): Promise<GateResult[]> {
  const { dataset, signature, onDemand } = built
  const onDemandDigest = onDemand?.digest
  const arena: Arena = {
    engine,
    project,
    model: model.name,
    dataset,
    test: splits.test,
    signature,
    onDemandDigest,
    signal,
  }
  const tags = new Set(model.gates.flatMap((gate) => gate.notWorseThan ?? []))
  const opponents = tags.size === 0 ? undefined : await scoreOpponents(arena, tags)
  return judgeGates(model.gates, {
    task: model.task,
    evaluation,
    rows,
    seed: model.fit.seed,
    opponent: (tag) => opponents?.byTag.get(tag) ?? { kind: 'none' },
    recent: opponents?.recent ?? [],
  })
}

function leakageGate(leakage: Judgement['leakage'], scores: ReadonlyMap<string, number>): GateResult {
  const [best] = [...scores].sort(([, a], [, b]) => b - a)
  return {
    gate: `no single feature scores ${implausibleScore} or more alone`,
    passed: leakage.length === 0,
    found:
      leakage.length === 0
        ? `none does${best ? `; the best is ${best[0]} with ${best[1].toFixed(3)} on the training rows` : ''}`
        : leakage.map(({ column, score }) => `${column} ${score.toFixed(3)} knows the label`).join(', '),
  }
}
