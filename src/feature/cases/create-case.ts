import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { createFile, FtiError, isSafeName, makeDirectory, withCleanUp } from '../../base/index.ts'
import { type FeatureGroup, systemColumns } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import { caseFolder, type NewCase, newCaseText, type Project, readCase } from '../../project/index.ts'
import { defineGroupViews, valueTypeOf } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { openProjectEngine } from '../project-engine.ts'
import { gatherInput } from '../run/group-input.ts'
import { makeRows } from '../run/make-rows.ts'
import { defineSourceView } from '../sources/files/source-view.ts'
import { openIntake } from '../sources/intake.ts'
import { declaredAvailability } from '../transforms/availability.ts'
import { groupNamed } from '../transforms/order-groups.ts'
import { caseColumns } from './case-columns.ts'
import { inCaseRoom } from './case-folder.ts'
import { caseInput } from './case-input.ts'
import { pickRows } from './pick-rows.ts'

export interface CaseRequest {
  readonly project: Project
  readonly group: string
  readonly name: string
  readonly key?: Readonly<Record<string, string>> | undefined
  readonly rowsMax: number
  readonly signal?: AbortSignal | undefined
}

export interface CreatedCase {
  readonly group: string
  readonly case: string
  /** Relative to the project. */
  readonly path: string
  readonly text: string
}

/**
 * Writes a case of a few rows as they are in the sources and groups now, and of what the transform gives for them now: to look at,
 * and to cut down to what matters. Errors: FTI_CASE_EXISTS, FTI_CASE_NO_ROWS, and those of the sources.
 */
export async function createCase(request: CaseRequest): Promise<CreatedCase> {
  const { project, name } = request
  const group = groupNamed(project, request.group)
  const path = join(caseFolder(project, group.name), `${name}.yaml`)
  if (!isSafeName(name)) throw taken(name, 'is no name for a file')
  const given = await pickGiven(request, group)
  const text = await newCaseText(await expecting(project, group, { description: describe(request), given }))
  await makeDirectory(caseFolder(project, group.name))
  const place = relative(project.directory, path)
  if (!(await createFile(path, text))) throw taken(place, 'exists already')
  return { group: group.name, case: name, path: place, text }
}

function describe({ group, key }: CaseRequest): string {
  const of = Object.entries(key ?? {}).map(([column, value]) => `${column} ${value}`)
  return `What ${group} gives for ${of.length === 0 ? 'a few rows' : of.join(', ')}; made from live data`
}

async function pickGiven(
  { project, key, rowsMax, signal }: CaseRequest,
  group: FeatureGroup,
): Promise<NewCase['given']> {
  const engine = await openProjectEngine(project)
  const intake = openIntake(project)
  const pick = async () => {
    const { sources, upstream } = await gatherInput(engine, project, group, intake, { say: () => {}, signal })
    for (const reading of sources) {
      if (reading.digest === undefined) throw noRows(reading.source.name, 'is pushed to, and keeps no rows')
      await defineSourceView(engine, await reading.open())
    }
    for (const view of upstream) await defineGroupViews(engine, view)
    const inputs = [...sources.map(({ source }) => source.name), ...upstream.map(({ reference }) => reference.group)]
    const picked = await pickRows(engine, { group, inputs, key, rowsMax })
    const tables: Record<string, NewCase['given'][string]> = {}
    for (const [name, rows] of picked) {
      if (rows.length === 0) throw noRows(name, 'has no such rows')
      const types = project.sources.has(name) ? await typesOf(engine, name, project.sources.get(name)?.types ?? {}) : {}
      tables[name] = Object.keys(types).length === 0 ? { rows } : { rows, types }
    }
    return tables
  }
  return withCleanUp(pick, async () => {
    await intake.close()
    await engine.close()
  })
}

/** A few values do not tell every type; those that a case can name are written down. */
async function typesOf(engine: Engine, name: string, declared: Readonly<Record<string, string>>) {
  const columns = await engine.describe(`SELECT * FROM ${quoteName(name)}`)
  return Object.fromEntries(
    columns.flatMap(({ name: column, type }) => {
      const named = valueTypeOf(type)
      return named === undefined || column in declared ? [] : [[column, named]]
    }),
  )
}

/** The case with what comes out of it now: rows, or the error that the contract answers with. */
async function expecting(project: Project, group: FeatureGroup, started: NewCase): Promise<NewCase> {
  try {
    return { ...started, ...(await outputOf(project, group, started)) }
  } catch (error) {
    if (!(error instanceof FtiError) || error.code !== featureErrors.FTI_CONTRACT_VIOLATED.code) throw error
    if (group.expectations.batch.length === 0) return { ...started, error: error.code }
    const without = { ...group, expectations: { ...group.expectations, batch: [] } }
    const rest = await expecting(project, without, started)
    return rest.error === undefined ? { ...rest, batch: 'skip' } : rest
  }
}

async function outputOf(project: Project, group: FeatureGroup, started: NewCase): Promise<Partial<NewCase>> {
  const nothing = { given: new Map() }
  return inCaseRoom(nothing, async (room) => {
    const path = join(room.folder, 'case.yaml')
    // It is read before there is anything to expect.
    await writeFile(path, await newCaseText({ ...started, error: featureErrors.FTI_CASE_NO_ROWS.code }))
    const found = await readCase(project, { group: group.name, name: 'case', path })
    const input = await caseInput(room, project, group, found)
    const work = { clock: () => new Date(), task: { update: () => {} } }
    const { accepted, refused } = await makeRows(room.engine, project, group, input, work)
    const known = `${declaredAvailability(group)} AS ${systemColumns.availableAt}`
    const columns = Object.keys(caseColumns(group)).map(quoteName).join(', ')
    const rows = (more: string, from: string) =>
      room.engine.rows<Record<string, unknown>>(
        `SELECT ${columns}${more} FROM (SELECT *, ${known} FROM ${from}) ORDER BY ALL`,
      )
    const expect = await rows('', accepted)
    if (refused === undefined) return { expect }
    return { expect, refused: await rows(`, array_to_string(_reasons, '; ') AS reason`, refused) }
  })
}

function taken(name: string, why: string): FtiError {
  return new FtiError(featureErrors.FTI_CASE_EXISTS, {
    message: `${name} ${why}`,
    place: name,
    remedy: 'give the new case another name: --name NAME',
  })
}

function noRows(name: string, why: string): FtiError {
  return new FtiError(featureErrors.FTI_CASE_NO_ROWS, {
    message: `'${name}' ${why}`,
    place: name,
    remedy: 'choose another --key, or write the case by hand',
  })
}
