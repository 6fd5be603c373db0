import { FtiError, isSystemError } from '../../base/index.ts'
import { type Contract, contractOf } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { defineEmptyGroupViews, latestContract } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { sniffSource } from '../sources/files/sniff-source.ts'
import type { GroupInputs } from './inputs.ts'

type Defined = { readonly columns: readonly string[] } | { readonly notChecked: string }

/** Sources and groups as tables without a row, each defined once: SQL binds over them as it would over the data. */
export class EmptyRelations {
  readonly #engine: Engine
  readonly #project: Project
  readonly #defined = new Map<string, Defined>()

  constructor(engine: Engine, project: Project) {
    this.#engine = engine
    this.#project = project
  }

  /** Makes what a transform reads known to the engine; says why when that cannot be. */
  async define(inputs: GroupInputs): Promise<string | undefined> {
    for (const name of [...inputs.sources, ...inputs.groups]) {
      const defined = this.#defined.get(name) ?? (await this.#define(name))
      this.#defined.set(name, defined)
      if ('notChecked' in defined) return defined.notChecked
    }
    return undefined
  }

  /** Names of all columns that a transform can read. */
  columnsOf(inputs: GroupInputs): Set<string> {
    const all = [...inputs.sources, ...inputs.groups].map((name) => this.#defined.get(name))
    return new Set(all.flatMap((defined) => (defined && 'columns' in defined ? defined.columns : [])))
  }

  async #define(name: string): Promise<Defined> {
    if (this.#project.sources.has(name)) return this.#defineSource(name)
    const declared = this.#project.groups.get(name)
    const contract = declared ? contractOf(declared) : (await latestContract(this.#project.store, name))?.contract
    if (contract === undefined) return { notChecked: `the contract of '${name}' is not in the store` }
    await defineEmptyGroupViews(this.#engine, contract)
    return { columns: columnNames(contract) }
  }

  async #defineSource(name: string): Promise<Defined> {
    const source = this.#project.sources.get(name)
    if (source === undefined) return { notChecked: `there is no source '${name}'` }
    try {
      const columns = await sniffSource(this.#engine, this.#project, source)
      if (typeof columns === 'string') return { notChecked: columns }
      const list = columns.map((column) => `${quoteName(column.name)} ${column.type}`)
      await this.#engine.execute(`CREATE TABLE ${quoteName(name)} (${list.join(', ')})`)
      return { columns: columns.map((column) => column.name) }
    } catch (error) {
      // What is delivered later, or broken today, is no mistake in the project; a type for a column that is not there is one.
      if (isSystemError(error)) return { notChecked: `source '${name}' cannot be read: ${error.message}` }
      if (!(error instanceof FtiError) || error.code === featureErrors.FTI_SOURCE_COLUMN_MISSING.code) throw error
      return { notChecked: error.message }
    }
  }
}

function columnNames(contract: Contract): string[] {
  const time = contract.eventTime === undefined ? [] : [contract.eventTime]
  return [...Object.keys(contract.entity.key), ...time, ...contract.features.map((feature) => feature.name)]
}
