import { didYouMean, FtiError } from '../../base/index.ts'
import { type Contract, contractOf, type FeatureGroup, systemColumns } from '../../contract/index.ts'
import { quoteName } from '../../engine/index.ts'
import type { CaseTable, FeatureCase, Project } from '../../project/index.ts'
import {
  commitRows,
  duckdbType,
  type GroupView,
  latestContract,
  listGroups,
  openGroup,
  publishContract,
} from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import type { GroupInput } from '../run/group-input.ts'
import type { Reading } from '../sources/reading.ts'
import { declaredAvailability } from '../transforms/availability.ts'
import { findInputs, type GroupInputs } from '../transforms/inputs.ts'
import { caseColumns } from './case-columns.ts'
import { sourceFilesOf } from './case-files.ts'
import type { CaseRoom } from './case-folder.ts'
import { defineTyped } from './typed-rows.ts'

/** What a case gives in the form in which a run gathers it: sources as files, groups as tables of a store of the case's own. */
export async function caseInput(
  room: CaseRoom,
  project: Project,
  group: FeatureGroup,
  { given, place }: Pick<FeatureCase, 'given' | 'place'>,
): Promise<GroupInput> {
  const inputs = await findInputs(room.engine, project, group, await listGroups(project.store))
  checkGiven(group, inputs, given, place)
  const sources: Reading[] = []
  const upstream: GroupView[] = []
  for (const [name, table] of given) {
    const source = project.sources.get(name)
    if (source === undefined) upstream.push(await groupView(room, project, name, table))
    else {
      const files = await sourceFilesOf(room, source, table)
      sources.push({ source, digest: files.digest, open: async () => files })
    }
  }
  return { inputs, sources, upstream, digest: '' }
}

function checkGiven(
  group: FeatureGroup,
  { sources, groups }: GroupInputs,
  given: ReadonlyMap<string, CaseTable>,
  place: string,
): void {
  const read = [...sources, ...groups]
  for (const [name, table] of given) {
    if (read.includes(name)) continue
    throw new FtiError(featureErrors.FTI_CASE_INPUT, {
      message: `the case gives rows of '${name}', which the transform of '${group.name}' does not read`,
      place: table.place,
      remedy: didYouMean(name, read),
      data: { given: name, reads: read },
    })
  }
  const missing = read.find((name) => !given.has(name))
  if (missing === undefined) return
  throw new FtiError(featureErrors.FTI_CASE_INPUT, {
    message: `the transform of '${group.name}' reads '${missing}', of which the case gives no rows`,
    place,
    remedy: `write rows of '${missing}' under given:`,
    data: { missing, reads: read },
  })
}

/** The rows of another group, committed as a run commits them, so that its name and its history read as they do there. */
async function groupView(room: CaseRoom, project: Project, name: string, table: CaseTable): Promise<GroupView> {
  const declared = project.groups.get(name)
  const contract = declared ? contractOf(declared) : (await latestContract(project.store, name))?.contract
  if (contract === undefined) throw new RangeError(`no contract of ${name}`)
  const types = caseColumns({ ...contract, name })
  const { engine, folder: root } = room
  const isEmpty = table.rows?.length === 0
  const given = isEmpty ? [] : await defineTyped(room, `_given_${name}`, table, types)
  const columns = Object.entries(types).map(([column, type]) =>
    given.includes(column) ? quoteName(column) : `CAST(NULL AS ${duckdbType(type)}) AS ${quoteName(column)}`,
  )
  const from = isEmpty ? 'WHERE false' : `FROM ${quoteName(`_given_${name}`)}`
  const now = new Date()
  const publication = { version: 1, changes: [], class: 'first', by: 'test', now } as const
  const published = await publishContract(root, contract, publication)
  await commitRows({
    engine,
    root,
    contract: published,
    candidate: `(SELECT *, ${knownSince(contract, given)} AS _declared_available_at FROM (SELECT ${columns.join(', ')} ${from}))`,
    inputDigest: '',
    runId: 'test',
    clock: () => now,
  })
  return openGroup(root, name)
}

/** As the case says it, as the group declares it, or from the event on. */
function knownSince({ eventTime, availability }: Contract, given: readonly string[]): string {
  const { availableAt } = systemColumns
  if (given.includes(availableAt)) return quoteName(availableAt)
  const isSaid = availability?.kind !== 'column' || given.includes(availability.column)
  if (isSaid) return declaredAvailability({ availability, eventTime })
  return eventTime === undefined ? 'CAST(NULL AS TIMESTAMPTZ)' : quoteName(eventTime)
}
