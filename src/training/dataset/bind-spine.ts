import { relative } from 'node:path'
import type { Contract, Model } from '../../contract/index.ts'
import { contractOf } from '../../contract/index.ts'
import { atFile, type Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { defineEmptyGroupViews, listGroups, readContracts } from '../../store/index.ts'
import { checkSpineColumns, groupOf, inspectSpine, spineError } from './spine.ts'

/**
 * Binds a spine over groups without a row, as their contracts will be once the project file is applied, and holds the columns that
 * it would give against what the model reads of it. Runs no project SQL.
 * @returns why that could not be told: a group whose contract is not in the store
 */
export async function bindSpine(
  engine: Engine,
  project: Project,
  model: Model,
): Promise<{ readonly group: string; readonly reason: string } | undefined> {
  const place = relative(project.directory, model.spine)
  const known = [...project.groups.keys(), ...(await listGroups(project.store))]
  const select = await inspectSpine(engine, project, model, known, place)
  const inSpine = select.tables.map(groupOf)
  const contracts = new Map<string, Contract>()
  for (const group of new Set([...inSpine, ...model.features.map((selection) => selection.group), model.label.group])) {
    const pinned = model.features.find((selection) => selection.group === group)?.contractVersion
    const contract = await contractFor(project, group, pinned)
    if (contract === undefined) return { group, reason: `the contract of '${group}' is not in the store` }
    contracts.set(group, contract)
    if (inSpine.includes(group)) await defineEmptyGroupViews(engine, contract)
  }
  try {
    await checkSpineColumns(engine, select.text, model, contracts, place)
  } catch (error) {
    const read = inSpine.flatMap((group) => contracts.get(group) ?? [])
    throw atFile(spineError(error, select.text, read, place), place)
  }
  return undefined
}

async function contractFor(
  project: Project,
  group: string,
  version: number | undefined,
): Promise<Contract | undefined> {
  const declared = project.groups.get(group)
  if (version === undefined && declared !== undefined) return contractOf(declared)
  const published = await readContracts(project.store, group)
  return (version === undefined ? published.at(-1) : published.findLast((each) => each.version === version))?.contract
}
