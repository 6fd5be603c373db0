import { amended, counted, didYouMean, FtiError } from '../../base/index.ts'
import type { Signature, SnapshotReference, Value, ValueType } from '../../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { duckdbType, type GroupView, openGroup, storeErrors, type TrainingDataset } from '../../store/index.ts'
import { examplesOf } from '../assess.ts'
import { chooseModel } from '../choose-model.ts'
import { signatureOf } from '../dataset/columns.ts'
import { findDatasetOf } from '../dataset/find-dataset.ts'
import { trainingErrors } from '../errors.ts'

/** A row of a training dataset by its number, or an entity by its key at a moment. */
export interface AskedRow {
  /** A model, a version, or the id of a dataset. */
  readonly reference: string
  readonly row?: number | undefined
  readonly key?: Readonly<Record<string, string>> | undefined
  readonly at?: Date | undefined
  /** How many candidates to list at most, on each side of the time. */
  readonly limit: number
}

/** A row with everything that the join used for it. */
export interface FoundRow {
  readonly model: string
  readonly dataset: string | null
  readonly signature: Signature
  readonly groups: ReadonlyMap<string, GroupView>
  readonly at: string
  readonly row: Readonly<Record<string, Value>>
  readonly label: number | null
  /** SQL of the one row, and its column that holds the moment. */
  readonly spine: string
  readonly time: string
  readonly ignoreAvailableAt: boolean
  readonly shiftAvailabilityMs: number
}

export async function findRow(engine: Engine, project: Project, asked: AskedRow): Promise<FoundRow> {
  if (asked.row !== undefined) return rowOfDataset(engine, project, asked.reference, asked.row)
  return asked.reference.includes('@') || !project.models.has(asked.reference)
    ? byKey(engine, asked, await contextOf(project, await findDatasetOf(project, asked.reference)))
    : byKey(engine, asked, await currentContext(project, asked.reference))
}

type Context = Omit<FoundRow, 'at' | 'row' | 'label' | 'spine'>

/** The snapshots and choices that a dataset was made with. */
async function contextOf(project: Project, dataset: TrainingDataset): Promise<Context> {
  const groups = new Map<string, GroupView>()
  for (const { group, contractVersion, snapshot } of dataset.snapshots)
    groups.set(group, await openMade(project, dataset, { group, contractVersion, snapshot }))
  return {
    model: dataset.model,
    dataset: dataset.id,
    signature: dataset.inputs['signature'] as Signature,
    groups,
    time: dataset.time,
    ignoreAvailableAt: dataset.inputs['ignoreAvailableAt'] === true,
    shiftAvailabilityMs: Number(dataset.inputs['shiftAvailabilityMs'] ?? 0),
  }
}

/** A group at the snapshot that a dataset was made from. Where rows of it were erased since, the error says what is left to explain. */
async function openMade(
  project: Project,
  { id, model, forgotten }: TrainingDataset,
  { group, contractVersion, snapshot }: SnapshotReference,
): Promise<GroupView> {
  return openGroup(project.store, group, { contractVersion, at: snapshot }).catch((error: unknown) => {
    if (!(error instanceof FtiError) || error.code !== storeErrors.FTI_SNAPSHOT_ERASED.code) throw error
    const lost =
      forgotten === undefined ? '' : `; the dataset itself lost ${counted(forgotten.rows, 'row')} at ${forgotten.at}`
    const newest = `explain an entity from the newest snapshots: fti explain row ${model} --key NAME=VALUE --at TIME`
    throw amended(error, {
      message: `dataset ${id} cannot be explained from its snapshots any more: ${error.message}${lost}`,
      remedy: `its rows that were left are readable: fti dataset path ${id}; ${newest}`,
    })
  })
}

/** The newest snapshots, as a training would take them now. */
async function currentContext(project: Project, name: string): Promise<Context> {
  const model = chooseModel(project, name, 'fti explain row')
  const groups = new Map<string, GroupView>()
  for (const { group } of model.features) groups.set(group, await openGroup(project.store, group))
  const signature = signatureOf(model, groups)
  const time = model.time
  return { model: name, dataset: null, signature, groups, time, ignoreAvailableAt: false, shiftAvailabilityMs: 0 }
}

async function rowOfDataset(engine: Engine, project: Project, reference: string, number: number): Promise<FoundRow> {
  const dataset = await findDatasetOf(project, reference)
  const context = await contextOf(project, dataset)
  const spine = `SELECT * EXCLUDE (_row) FROM (${examplesOf(dataset)}) WHERE _row = ${number}`
  const [row] = await engine.rows<Record<string, Value>>(spine)
  if (row === undefined) throw await noSuchRow(engine, dataset, number)
  const { _label: label, ...rest } = row
  const named = columnsOfSpine(context.signature)
  const kept = Object.entries(rest).filter(([name]) => named.has(name) || name === dataset.time)
  return { ...context, spine, at: String(row[dataset.time]), row: Object.fromEntries(kept), label: Number(label) }
}

/** What a caller would send: keys and request columns. */
function columnsOfSpine({ groups, request }: Signature): Set<string> {
  return new Set([...groups.flatMap(({ on }) => Object.values(on)), ...request.map(({ name }) => name)])
}

async function byKey(engine: Engine, { key = {}, at }: AskedRow, context: Context): Promise<FoundRow> {
  const types = new Map<string, ValueType>()
  for (const { on, key: declared } of context.signature.groups)
    for (const [name, type] of Object.entries(declared)) types.set(on[name] ?? name, type)
  for (const name of Object.keys(key))
    if (!types.has(name))
      throw invalidKey(`'${name}' is no key column of '${context.model}'`, didYouMean(name, types.keys()))
  const usable = context.signature.groups.some(({ on }) => Object.values(on).every((column) => column in key))
  if (!usable)
    throw invalidKey('no group can be looked up by this key alone', `give --key for ${[...types.keys()].join(', ')}`)
  const moment = (at ?? new Date()).toISOString()
  const items = Object.entries(key).map(
    ([name, text]) =>
      `TRY_CAST(${quoteText(text)} AS ${duckdbType(types.get(name) ?? 'string')}) AS ${quoteName(name)}`,
  )
  const spine = `SELECT ${[...items, `TIMESTAMPTZ ${quoteText(moment)} AS ${quoteName(context.time)}`].join(', ')}`
  const [row] = await engine.rows<Record<string, Value>>(spine)
  const wrong = Object.keys(key).find((name) => row?.[name] === null)
  if (wrong !== undefined)
    throw invalidKey(`'${key[wrong]}' is not a value for ${wrong}, which is ${types.get(wrong)}`, 'correct the value')
  return { ...context, spine, at: moment, row: row ?? {}, label: null }
}

async function noSuchRow(engine: Engine, dataset: TrainingDataset, number: number): Promise<FtiError> {
  const [range] = await engine.rows<{ first: number; last: number }>(
    `SELECT min(_row) AS first, max(_row) AS last FROM (${examplesOf(dataset)})`,
  )
  const { first = 0, last = 0 } = range ?? {}
  const isBetween = number > first && number < last
  return new FtiError(trainingErrors.FTI_ROW_UNKNOWN, {
    message: isBetween
      ? `row ${number} lies in the gap between two splits`
      : `dataset ${dataset.id} has no row ${number}: its rows are ${first} to ${last}`,
    place: dataset.directory,
    remedy: `name another row, or the entity itself: fti explain row ${dataset.model} --key NAME=VALUE --at TIME`,
    data: { dataset: dataset.id, row: number, first, last },
  })
}

function invalidKey(message: string, remedy: string): FtiError {
  return new FtiError(trainingErrors.FTI_ROW_UNKNOWN, { message, remedy })
}
