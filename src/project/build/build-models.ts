import { resolve } from 'node:path'
import { parseDuration } from '../../base/index.ts'
import type { Model, Network, RequestColumn, TransformKind, Value } from '../../contract/index.ts'
import { checkModel } from '../checks/check-model.ts'
import type { ModelYaml } from '../schema/model-schema.ts'
import type { Inspection } from '../text/inspection.ts'
import { buildSchedule } from './build-groups.ts'
import type { KnownGroups } from './view-columns.ts'

/** Checks the declared models and makes nouns of them. */
export function buildModels(
  yaml: Readonly<Record<string, ModelYaml>>,
  groups: KnownGroups,
  inspection: Inspection,
): Map<string, Model> {
  const models = new Map<string, Model>()
  for (const [name, model] of Object.entries(yaml)) {
    checkModel(name, model, groups, inspection)
    models.set(name, buildModel(name, model, groups, inspection))
  }
  return models
}

function buildModel(name: string, yaml: ModelYaml, groups: KnownGroups, inspection: Inspection): Model {
  const file = (path: string) => resolve(inspection.directory, path)
  const { label, onDemand, split, retrain } = yaml
  return {
    name,
    owner: yaml.owner,
    description: yaml.description,
    task: yaml.task,
    spine: file(yaml.spine),
    time: yaml.time,
    label: { group: label.group, feature: label.feature, positive: positiveOf(yaml, groups) },
    features: (yaml.features ?? []).map(({ group, contract, as, on, pick }) => ({
      group,
      ...(contract === undefined ? {} : { contractVersion: Number(contract.slice(1)) }),
      as,
      on: on ?? {},
      pick,
    })),
    request: requestOf(yaml),
    onDemand: onDemand && { module: file(onDemand.module), inputs: onDemand.inputs, outputs: onDemand.outputs },
    transforms: transformsOf(yaml),
    network: networkOf(yaml),
    fit: {
      epochs: yaml.fit?.epochs ?? 20,
      batchSize: yaml.fit?.batchSize ?? 512,
      learningRate: yaml.fit?.learningRate ?? 0.001,
      earlyStopping: yaml.fit?.earlyStopping ?? 3,
      seed: yaml.fit?.seed ?? 7,
    },
    split: {
      by: 'time',
      testMs: parseDuration(split.test),
      validationMs: parseDuration(split.validation),
      gapMs: parseDuration(split.gap ?? '0s'),
    },
    gates: (yaml.gates ?? []).map((gate) => ({
      ...gate,
      minRows: gate.minRows ?? (gate.slice === undefined ? 0 : 100),
    })),
    retrain: {
      newRows: retrain?.newRows,
      olderThanMs: retrain?.olderThan === undefined ? undefined : parseDuration(retrain.olderThan),
    },
    schedule: buildSchedule(yaml, ['models', name], inspection),
  }
}

/** For a boolean label, `true` counts as 1 unless declared otherwise. */
function positiveOf({ task, label }: ModelYaml, groups: KnownGroups): Value | undefined {
  if (task !== 'binary' || label.positive !== undefined) return label.positive
  const type = groups.contract(label.group)?.features.find((feature) => feature.name === label.feature)?.type
  return type === 'boolean' || type === undefined ? true : undefined
}

function requestOf({ request }: ModelYaml): RequestColumn[] {
  return Object.entries(request ?? {}).map(([name, declared]) =>
    typeof declared === 'string' ? { name, type: declared } : { name, ...declared },
  )
}

function transformsOf({ transforms }: ModelYaml): Record<string, readonly TransformKind[]> {
  const entries = Object.entries(transforms ?? {})
  return Object.fromEntries(entries.map(([column, kinds]) => [column, typeof kinds === 'string' ? [kinds] : kinds]))
}

function networkOf({ network }: ModelYaml): Network {
  const type = network?.type ?? 'mlp'
  return { type, layers: type === 'linear' ? [] : (network?.layers ?? [64, 32]), dropout: network?.dropout ?? 0 }
}
