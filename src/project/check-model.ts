import { parseDuration } from '../base/index.ts'
import { type Contract, columnOf, isNumeric, metricsOf, type ValueType } from '../contract/index.ts'
import { checkSqlPath } from './check-group.ts'
import { checkValues, suits } from './check-values.ts'
import type { Inspection } from './inspection.ts'
import type { ModelYaml } from './model-schema.ts'

/** The groups that a model may read: those of this file, and those published in the store. */
export interface KnownGroups {
  readonly names: readonly string[]
  contract(group: string): Contract | undefined
  /** False when the group cannot be judged: its own entry is wrong, or the store was not asked. */
  mustExist(group: string): boolean
}

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
        `a regression predicts a number; ${label.feature} is a ${type}`,
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
      `the label ${label.feature} is a ${type} and has no 'positive'`,
      remedy,
      'key',
    )
  } else if (label.positive !== undefined && !suits(label.positive, type)) {
    const message = `${JSON.stringify(label.positive)} is no ${type}, which ${label.feature} is`
    inspection.add('FTI_PROJECT_TYPE', [...path, 'positive'], message, `write a value of type ${type}`)
  }
}

/** Every column that the training dataset of a model will have, gathered while the view is checked. */
class ViewColumns {
  /** Columns that may enter the matrix. */
  readonly types = new Map<string, ValueType>()
  /** Spine columns that name entities. */
  readonly keys = new Map<string, ValueType>()
  /** False when some group could not be looked up, so that absence of a column proves nothing. */
  isComplete = true
  readonly #origins = new Map<string, string>()
  readonly #inspection: Inspection

  constructor(name: string, model: ModelYaml, groups: KnownGroups, inspection: Inspection) {
    this.#inspection = inspection
    this.#origins.set(model.time.toLowerCase(), 'the prediction time')
    for (const [i, selection] of (model.features ?? []).entries()) {
      const path = ['models', name, 'features', i]
      const contract = groups.contract(selection.group)
      if (contract) this.#addSelection(selection, contract, path)
      else {
        this.isComplete = false
        if (groups.mustExist(selection.group))
          inspection.dangling([...path, 'group'], 'feature group', selection.group, groups.names)
      }
    }
    const label = groups.contract(model.label.group)
    if (label)
      for (const [key, type] of Object.entries(label.entity.key))
        this.#addKey(key, type, ['models', name, 'label', 'group'])
    else this.isComplete = false
    for (const [column, declared] of Object.entries(model.request ?? {})) {
      this.#add(
        column,
        typeof declared === 'string' ? declared : declared.type,
        'a request column',
        ['models', name, 'request', column],
        'key',
      )
    }
    for (const [column, type] of Object.entries(model.onDemand?.outputs ?? {})) {
      this.#add(column, type, 'an on-demand output', ['models', name, 'onDemand', 'outputs', column], 'key')
    }
  }

  #addSelection(
    selection: NonNullable<ModelYaml['features']>[number],
    contract: Contract,
    path: (string | number)[],
  ): void {
    const keys = Object.keys(contract.entity.key)
    for (const column of Object.keys(selection.on ?? {})) {
      if (!keys.includes(column))
        this.#inspection.dangling(
          [...path, 'on', column],
          `key column of ${selection.group} called`,
          column,
          keys,
          'key',
        )
    }
    for (const [key, type] of Object.entries(contract.entity.key)) {
      this.#addKey(selection.on?.[key] ?? key, type, [...path, selection.on?.[key] === undefined ? 'group' : 'on'])
    }
    for (const [i, pick] of selection.pick.entries()) {
      const feature = contract.features.find((candidate) => candidate.name === pick)
      const at = [...path, 'pick', i]
      if (!feature) {
        this.isComplete = false
        const known = contract.features.map((candidate) => candidate.name)
        this.#inspection.dangling(at, `feature in ${selection.group} called`, pick, known)
      } else {
        const column = columnOf({ ...selection, on: selection.on ?? {} }, pick)
        this.#add(column, feature.type, `a feature of ${selection.group}`, at)
      }
    }
  }

  #addKey(column: string, type: ValueType, path: (string | number)[]): void {
    const other = this.keys.get(column)
    if (other !== undefined && other !== type) {
      const message = `the spine column ${column} would be a ${other} for one group and a ${type} for another`
      this.#inspection.add(
        'FTI_PROJECT_TYPE',
        path,
        message,
        'give the entities the same key type, or use on: to join by another column',
      )
    }
    this.keys.set(column, type)
  }

  #add(
    column: string,
    type: ValueType,
    origin: string,
    path: (string | number)[],
    at: 'key' | 'value' = 'value',
  ): void {
    const taken = this.#origins.get(column.toLowerCase())
    if (taken !== undefined) {
      const remedy = origin.startsWith('a feature')
        ? 'add as: <prefix> to one of the selections'
        : 'rename one of the two'
      const message =
        taken === origin ? `the column '${column}' is picked twice` : `the column '${column}' is ${taken} and ${origin}`
      this.#inspection.add('FTI_PROJECT_NAME', path, message, remedy, at)
    }
    this.#origins.set(column.toLowerCase(), origin)
    this.types.set(column, type)
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
      inspection.add('FTI_PROJECT_TYPE', path, `${kind} does not suit ${column}, which is a ${type}`, remedy)
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
