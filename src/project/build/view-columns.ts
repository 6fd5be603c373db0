import { type Contract, columnOf, type ValueType } from '../../contract/index.ts'
import type { ModelYaml } from '../schema/model-schema.ts'
import type { Inspection } from '../text/inspection.ts'

/** The groups that a model may read: those of this file, and those published in the store. */
export interface KnownGroups {
  readonly names: readonly string[]
  /** @param version such as `v1`: as published then; otherwise as declared, or as published last */
  contract(group: string, version?: string): Contract | undefined
  /** Published contract versions of a group, such as `v1`; undefined when the store was not asked. */
  versions(group: string): readonly string[] | undefined
  /** False when the group cannot be judged: its own entry is wrong, or the store was not asked. */
  mustExist(group: string): boolean
}

/** Every column that the training dataset of a model will have, gathered while the view is checked. */
export class ViewColumns {
  /** Columns that may enter the matrix. */
  readonly types = new Map<string, ValueType>()
  /** Spine columns that name entities. */
  readonly keys = new Map<string, ValueType>()
  /** False when some group could not be looked up, so that absence of a column proves nothing. */
  isComplete = true
  readonly #pins = new Map<string, string | undefined>()
  readonly #origins = new Map<string, string>()
  readonly #inspection: Inspection

  constructor(name: string, model: ModelYaml, groups: KnownGroups, inspection: Inspection) {
    this.#inspection = inspection
    this.#origins.set(model.time.toLowerCase(), 'the prediction time')
    for (const [i, selection] of (model.features ?? []).entries()) {
      const path = ['models', name, 'features', i]
      const contract = groups.contract(selection.group, selection.contract)
      this.#pin(selection, [...path, 'contract'])
      if (contract) this.#addSelection(selection, contract, path)
      else if (selection.contract !== undefined && groups.names.includes(selection.group)) {
        this.isComplete = false
        const known = groups.versions(selection.group)
        if (known)
          inspection.dangling(
            [...path, 'contract'],
            `contract version of ${selection.group}`,
            selection.contract,
            known,
          )
      } else {
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

  /** A training dataset has one snapshot of each group. */
  #pin({ group, contract }: NonNullable<ModelYaml['features']>[number], path: (string | number)[]): void {
    const other = this.#pins.get(group)
    if (this.#pins.has(group) && other !== contract) {
      const message = `${group} is read as ${contract ?? 'its newest contract version'} and as ${other ?? 'its newest'}`
      this.#inspection.add('FTI_PROJECT_CONFLICT', path, message, 'name the same contract version in both')
    }
    this.#pins.set(group, contract)
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
      const message = `the spine column ${column} would have type ${other} for one group and ${type} for another`
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
