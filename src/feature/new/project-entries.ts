import { relative, sep } from 'node:path'
import type { FileSource, ValueType } from '../../contract/index.ts'
import type { Project, ProjectEntry } from '../../project/index.ts'
import type { Assumption } from './assumptions.ts'
import type { EntityChoice } from './choose-names.ts'
import type { GuessedGroup } from './guess-group.ts'
import type { NewGroupRequest } from './new-group-request.ts'
import type { FileColumn } from './sniff-file.ts'

/** The features as a project file declares them. */
export function featuresOf(
  { features }: GuessedGroup,
  names: ReadonlyMap<FileColumn, string>,
): Record<string, ValueType> {
  return Object.fromEntries(features.map((column) => [names.get(column) ?? column.name, column.type ?? 'string']))
}

/** What the project file gets: the group, and its source and entity where they are new. */
export function entriesOf(
  { project, name, owner, availableAfter }: NewGroupRequest,
  guess: GuessedGroup,
  names: ReadonlyMap<FileColumn, string>,
  { source, entity, assumptions }: Chosen,
): ProjectEntry[] {
  const time = guess.time && names.get(guess.time)
  const known = guess.availableAt && names.get(guess.availableAt)
  const group = {
    ...(owner === undefined ? {} : { owner }),
    entity: entity.name,
    ...(time === undefined ? { static: true } : {}),
    transform: `features/${name}.sql`,
    ...(time === undefined
      ? {}
      : { eventTime: time, ...(availableAfter === undefined ? { availableAt: known ?? time } : { availableAfter }) }),
    features: featuresOf(guess, names),
  }
  const remarks = Object.fromEntries(assumptions.map(({ about, text }) => [about, `assumed: ${text}`]))
  const ofKey = entity.isNew || remarks['key'] === undefined ? {} : { entity: remarks['key'] }
  return [
    ...(source === undefined ? [] : [sourceEntry(project, source, remarks)]),
    ...(entity.isNew ? [{ section: 'entities', name: entity.name, value: { key: entity.key }, remarks } as const] : []),
    { section: 'featureGroups', name, value: group, remarks: { ...remarks, ...ofKey } },
  ]
}

interface Chosen {
  readonly source: FileSource | undefined
  readonly entity: EntityChoice
  readonly assumptions: readonly Assumption[]
}

function sourceEntry(
  project: Project,
  { name, type, path, delimiter, timeZone, types }: FileSource,
  remarks: Readonly<Record<string, string>>,
): ProjectEntry {
  const inside = relative(project.directory, path)
  const value = {
    type,
    path: inside.startsWith('..') ? path : inside.split(sep).join('/'),
    ...(delimiter === ',' ? {} : { delimiter }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(Object.keys(types).length === 0 ? {} : { types }),
  }
  return { section: 'sources', name, value, remarks: { timeZone: 'of times that carry no zone', ...remarks } }
}
