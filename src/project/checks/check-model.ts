import { parseDuration } from '../../base/index.ts'
import { isNumeric, metricsOf } from '../../contract/index.ts'
import { type KnownGroups, ViewColumns } from '../build/view-columns.ts'
import type { ModelYaml } from '../schema/model-schema.ts'
import type { Inspection } from '../text/inspection.ts'
import { checkSqlPath } from './check-group.ts'
import { checkValues, suits } from './check-values.ts'

/** What a model's keys must say together, and about the groups that it reads. */
export function checkModel(name: string, model: ModelYaml, groups: KnownGroups, inspection: Inspection): void {
  const path = ['models', name]
  checkSqlPath(model.spine, [...path, 'spine'], inspection)
  checkLabel(name, model, groups, inspection)
  const columns = new ViewColumns(name, model, groups, inspection)
  checkOnDemand(name, model, inspection)
  checkTransforms(name, model, columns, inspection)
  checkGates(name, model, columns, inspection)
  for (const [column, declared] of Object.entries(model.request ?? {})) {
    checkValues(typeof declared === 'string' ? { type: declared } : declared, [...path, 'request', column], inspection)
  }
  if (columns.types.size === 0 && columns.isComplete) {
    inspection.add(
      'FTI_PROJECT_VALUE',
      path,
      `${name} reads no feature and no request column`,
      'add features: or request:',
      'key',
    )
  }
  if (model.network?.type === 'linear') {
    for (const key of ['layers', 'dropout'] as const) {
      if (model.network[key] === undefined) continue
      inspection.add(
        'FTI_PROJECT_CONFLICT',
        [...path, 'network', key],
        `a linear network has no ${key}`,
        `remove ${key}, or use type: mlp`,
        'key',
      )
    }
  }
  for (const part of ['test', 'validation'] as const) {
    if (parseDuration(model.split[part]) > 0) continue
    inspection.add(
      'FTI_PROJECT_VALUE',
      [...path, 'split', part],
      `the ${part} part has no length`,
      'write a duration above zero, such as 30d',
    )
  }
}

function checkLabel(name: string, { label, task }: ModelYaml, groups: KnownGroups, inspection: Inspection): void {
  const path = ['models', name, 'label']
  const contract = groups.contract(label.group)
  if (!contract) {
    if (groups.mustExist(label.group))
      inspection.dangling([...path, 'group'], 'feature group', label.group, groups.names)
    return
  }
  const feature = contract.features.find((candidate) => candidate.name === label.feature)
  if (!feature) {
    const known = contract.features.map((candidate) => candidate.name)
    inspection.dangling([...path, 'feature'], `feature in ${label.group} called`, label.feature, known)
    return
  }
  const { type } = feature
  if (task === 'regression') {
    if (!isNumeric(type))
      inspection.add(
        'FTI_PROJECT_TYPE',
        [...path, 'feature'],
        `a regression predicts a number; ${label.feature} has type ${type}`,
        'use task: binary, or another label',
      )
    if (label.positive !== undefined)
      inspection.add(
        'FTI_PROJECT_CONFLICT',
        [...path, 'positive'],
        "'positive' is for binary tasks",
        'remove positive',
        'key',
      )
  } else if (label.positive === undefined && type !== 'boolean') {
    const remedy = `add positive: the ${type} that counts as 1`
    inspection.add(
      'FTI_PROJECT_KEY_MISSING',
      path,
      `the label ${label.feature} has type ${type} and no 'positive'`,
      remedy,
      'key',
    )
  } else if (label.positive !== undefined && !suits(label.positive, type)) {
    const message = `${JSON.stringify(label.positive)} is not of type ${type}, which ${label.feature} has`
    inspection.add('FTI_PROJECT_TYPE', [...path, 'positive'], message, `write a value of type ${type}`)
  }
}

function checkOnDemand(name: string, { onDemand, request }: ModelYaml, inspection: Inspection): void {
  if (!onDemand) return
  const path = ['models', name, 'onDemand']
  const known = Object.keys(request ?? {})
  for (const [i, input] of onDemand.inputs.entries()) {
    if (!known.includes(input)) inspection.dangling([...path, 'inputs', i], 'request column', input, known)
  }
  if (Object.keys(onDemand.outputs).length === 0) {
    inspection.add(
      'FTI_PROJECT_VALUE',
      [...path, 'outputs'],
      'the on-demand function returns no columns',
      'write a column and its type: { hour: float64 }',
    )
  }
  if (!/\.[cm]?[jt]s$/.test(onDemand.module)) {
    inspection.add(
      'FTI_PROJECT_VALUE',
      [...path, 'module'],
      `${onDemand.module} is not a module`,
      'write the path of a .ts, .js or .mjs file',
    )
  }
}

const numericTransforms: readonly string[] = ['log', 'standardize', 'clip']

function checkTransforms(name: string, { transforms }: ModelYaml, columns: ViewColumns, inspection: Inspection): void {
  for (const [column, kinds] of Object.entries(transforms ?? {})) {
    const path = ['models', name, 'transforms', column]
    const type = columns.types.get(column)
    if (type === undefined) {
      if (columns.isComplete) inspection.dangling(path, `column in ${name} called`, column, columns.types.keys(), 'key')
      continue
    }
    for (const kind of typeof kinds === 'string' ? [kinds] : kinds) {
      const isWrong = numericTransforms.includes(kind)
        ? !isNumeric(type)
        : kind !== 'none' && (type === 'timestamp' || type === 'float32' || type === 'float64')
      if (!isWrong) continue
      const remedy = isNumeric(type)
        ? 'use log, clip or standardize'
        : type === 'timestamp'
          ? 'derive a number from it with onDemand'
          : 'use oneHot or vocabulary'
      inspection.add('FTI_PROJECT_TYPE', path, `${kind} does not suit ${column}, which has type ${type}`, remedy)
    }
  }
}

function checkGates(name: string, { gates, task }: ModelYaml, columns: ViewColumns, inspection: Inspection): void {
  for (const [i, gate] of (gates ?? []).entries()) {
    const path = ['models', name, 'gates', i]
    if (!metricsOf[task].includes(gate.metric))
      inspection.dangling([...path, 'metric'], `${task} metric`, gate.metric, metricsOf[task])
    if (gate.min === undefined && gate.max === undefined && gate.notWorseThan === undefined) {
      inspection.add(
        'FTI_PROJECT_KEY_MISSING',
        path,
        `the gate on ${gate.metric} has no condition`,
        'add min:, max: or notWorseThan:',
      )
    }
    if (gate.min !== undefined && gate.max !== undefined && gate.min > gate.max) {
      inspection.add(
        'FTI_PROJECT_VALUE',
        [...path, 'min'],
        `no ${gate.metric} is at least ${gate.min} and at most ${gate.max}`,
        'swap min and max',
      )
    }
    if (gate.minRows !== undefined && gate.slice === undefined) {
      inspection.add(
        'FTI_PROJECT_CONFLICT',
        [...path, 'minRows'],
        "'minRows' is for gates with a slice",
        'add slice:, or remove minRows',
        'key',
      )
    }
    const known = [...columns.keys.keys(), ...columns.types.keys()]
    if (gate.slice !== undefined && !known.includes(gate.slice) && columns.isComplete) {
      inspection.dangling([...path, 'slice'], `column in ${name} called`, gate.slice, known)
    }
  }
}
