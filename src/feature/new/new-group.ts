import { readFile, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { createFile, FtiError, makeDirectory, replaceFile } from '../../base/index.ts'
import type { ValueType } from '../../contract/index.ts'
import { loadProject, type Project, withEntries } from '../../project/index.ts'
import { listGroups } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { type Assumption, assumptionsOf } from './assumptions.ts'
import { entityFor, sourceFor } from './choose-names.ts'
import { columnNames, groupSql } from './group-sql.ts'
import { type GuessedGroup, guessGroup } from './guess-group.ts'
import type { NewGroupRequest } from './new-group-request.ts'
import { entriesOf, featuresOf } from './project-entries.ts'
import { type FileColumn, withSniffedFile } from './sniff-file.ts'

export interface NewGroup {
  readonly group: string
  readonly source: string
  readonly entity: string
  readonly key: readonly string[]
  readonly eventTime: string | null
  /** Column that says when a row was known; null in a static group, or with `availableAfter`. */
  readonly availableAt: string | null
  readonly availableAfter: string | null
  readonly assumed: readonly Assumption[]
  readonly features: Readonly<Record<string, ValueType>>
  readonly rows: number
  /** One row for each key and event time; where it is not, a run will refuse rows that contradict each other. */
  readonly isUnique: boolean
  /** The SQL file and the project file, as they are afterwards. */
  readonly files: readonly { readonly path: string; readonly text: string }[]
  readonly written: readonly string[]
}

/**
 * Starts a feature group from a file of data: reads its columns, writes the SQL, and adds source, entity and group to the
 * project file. Nothing is replaced, and a project file that would not be valid is put back.
 */
export async function newGroup(request: NewGroupRequest): Promise<NewGroup> {
  const { project, name, from, timeZone = 'UTC' } = request
  await refuseTaken(project, name)
  const source = sourceFor(project, name, from)
  return withSniffedFile(project, { path: from, timeZone, ...source }, async (file) => {
    const guess = await guessGroup(file, request)
    const names = columnNames(guess)
    const entity = entityFor(project, name, guess, names)
    const sql = { path: join(project.directory, 'features', `${name}.sql`), text: groupSql(guess, names, source.name) }
    const added = source.declared ? undefined : file.source
    const assumptions = assumptionsOf(request, guess, { names, entity, zone: added?.timeZone })
    const entries = entriesOf(request, guess, names, { source: added, entity, assumptions })
    const before = await readFile(project.file, 'utf8')
    const config = { path: project.file, text: await withEntries(before, entries) }
    const written = request.dryRun ? [] : await write(project, sql, config, before)
    const nameOf = (column: FileColumn) => names.get(column) ?? column.name
    return {
      group: name,
      source: source.name,
      entity: entity.name,
      key: guess.key.map(nameOf),
      eventTime: guess.time ? nameOf(guess.time) : null,
      ...availabilityOf(request, guess, nameOf),
      assumed: assumptions,
      features: featuresOf(guess, names),
      rows: file.rows,
      isUnique: guess.isUnique,
      files: [sql, config].map(({ path, text }) => ({ path: relative(project.directory, path), text })),
      written,
    }
  })
}

function availabilityOf(
  request: NewGroupRequest,
  { time, availableAt = time }: GuessedGroup,
  nameOf: (column: FileColumn) => string,
): Pick<NewGroup, 'availableAt' | 'availableAfter'> {
  if (time === undefined || availableAt === undefined) return { availableAt: null, availableAfter: null }
  const { availableAfter } = request
  return availableAfter === undefined
    ? { availableAt: nameOf(availableAt), availableAfter: null }
    : { availableAt: null, availableAfter }
}

async function refuseTaken(project: Project, name: string): Promise<void> {
  const taken = project.groups.has(name)
    ? 'is a feature group of this project'
    : project.sources.has(name)
      ? 'is a source of this project'
      : (await listGroups(project.store)).includes(name)
        ? 'is a feature group of this store'
        : undefined
  if (taken === undefined) return
  throw new FtiError(featureErrors.FTI_GROUP_EXISTS, {
    message: `'${name}' ${taken} already`,
    place: project.file,
    remedy: 'choose another name',
    data: { group: name },
  })
}

interface TextFile {
  readonly path: string
  readonly text: string
}

async function write(project: Project, sql: TextFile, config: TextFile, before: string): Promise<string[]> {
  await makeDirectory(dirname(sql.path))
  if (!(await createFile(sql.path, sql.text))) {
    throw new FtiError(featureErrors.FTI_GROUP_EXISTS, {
      message: `${relative(project.directory, sql.path)} exists already`,
      place: sql.path,
      remedy: 'choose another name, or move the file away',
    })
  }
  try {
    await replaceFile(config.path, config.text)
    await loadProject({ file: config.path, environment: project.environment, published: 'unchecked' })
  } catch (error) {
    await replaceFile(config.path, before)
    await rm(sql.path, { force: true })
    throw error
  }
  return [sql, config].map(({ path }) => relative(project.directory, path))
}
