import { basename, resolve } from 'node:path'
import type { FileSource, ValueType } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import { isFileSource } from '../sources/intake.ts'
import type { GuessedGroup } from './guess-group.ts'
import type { FileColumn } from './sniff-file.ts'

export interface SourceChoice {
  readonly name: string
  /** The source of the project file that reads this file already. */
  readonly declared?: FileSource | undefined
}

/** The declared source of this file, or a name for a new one. */
export function sourceFor({ sources, groups }: Project, group: string, from: string): SourceChoice {
  const declared = [...sources.values()].filter(isFileSource).find(({ path }) => path === resolve(from))
  if (declared) return { name: declared.name, declared }
  const stem = basename(from)
    .replace(/\..*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
  const taken = (name: string) => sources.has(name) || groups.has(name) || name === group
  const names = [stem, `${stem || group}_file`, `${group}_source`, `${group}_file`].filter((name) =>
    /^[a-z]/.test(name),
  )
  return { name: names.find((name) => !taken(name)) ?? `${group}_data` }
}

export interface EntityChoice {
  readonly name: string
  readonly key: Readonly<Record<string, ValueType>>
  readonly isNew: boolean
}

/** The declared entity with this very key, or a new one: `station_id` names a station. */
export function entityFor(
  { entities }: Project,
  group: string,
  { key }: GuessedGroup,
  names: ReadonlyMap<FileColumn, string>,
): EntityChoice {
  const columns = Object.fromEntries(key.map((column) => [names.get(column) ?? '', column.type ?? 'string']))
  const declared = [...entities.values()].find((entity) => JSON.stringify(entity.key) === JSON.stringify(columns))
  if (declared) return { name: declared.name, key: columns, isNew: false }
  const stem = Object.keys(columns)
    .map((name) => name.replace(/_?(id|key|uuid|code)$/i, '') || name)
    .join('_')
    .toLowerCase()
  const name = /^[a-z][a-z0-9_]{0,62}$/.test(stem) && !entities.has(stem) ? stem : `${group}_key`
  return { name, key: columns, isNew: true }
}
