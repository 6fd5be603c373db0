import { relative } from 'node:path'
import { didYouMean } from '../../base/index.ts'
import type { Project } from '../project.ts'
import type { ConfigEntry, ConfigNode } from '../text/config-node.ts'
import { type Problem, projectError } from '../text/problem.ts'
import type { Spot } from '../text/project-text.ts'
import { readConfig } from '../text/read-config.ts'
import { readTable } from './case-table.ts'
import type { CaseTable, FeatureCase } from './feature-case.ts'
import type { CaseFile } from './find-cases.ts'

const keys = ['given', 'expect', 'refused', 'error', 'batch', 'description']

/** Reads one case. Errors: FTI_PROJECT_SYNTAX, FTI_CASE_INVALID, with the line. */
export async function readCase(project: Pick<Project, 'directory'>, file: CaseFile): Promise<FeatureCase> {
  const problems: Problem[] = []
  const root = await readConfig(file.path, problems)
  const found = root.kind === 'map' ? readKeys(root.entries, root.spot, problems) : undefined
  if (found === undefined) problems.push(wrong(root.spot, 'a case is a mapping', 'begin with given:'))
  if (found === undefined || problems.length > 0) throw projectError(problems)
  return { group: file.group, name: file.name, place: relative(project.directory, file.path), ...found }
}

type Entries = ReadonlyMap<string, ConfigEntry>

function readKeys(entries: Entries, spot: Spot, problems: Problem[]): Omit<FeatureCase, 'group' | 'name' | 'place'> {
  for (const [key, { keySpot }] of entries) {
    if (!keys.includes(key)) problems.push(wrong(keySpot, `a case has no key '${key}'`, didYouMean(key, keys)))
  }
  const given = readGiven(entries.get('given'), spot, problems)
  const expect = tableOf(entries.get('expect'), problems)
  const refused = tableOf(entries.get('refused'), problems)
  const error = wordOf(entries.get('error')?.node, problems, /^FTI_[A-Z_]+$/, 'an error is named by its code')
  const batch = wordOf(entries.get('batch')?.node, problems, /^skip$/, 'batch: has one word, skip')
  const isSilent = expect === undefined || expect.rows?.length === 0
  if (isSilent && error === undefined && !(refused?.rows?.length ?? refused?.file)) {
    const remedy = 'write the rows that must come out under expect:, or the code of the error that must come, as error:'
    problems.push(wrong(entries.get('expect')?.keySpot ?? spot, 'the case expects nothing', remedy))
  }
  if (error !== undefined && (expect ?? refused) !== undefined)
    problems.push(wrong(entries.get('error')?.keySpot ?? spot, 'a run that fails gives no rows', 'keep one of the two'))
  return { given, expect, refused, error, checksBatch: batch === undefined }
}

function readGiven(entry: ConfigEntry | undefined, spot: Spot, problems: Problem[]): Map<string, CaseTable> {
  const given = new Map<string, CaseTable>()
  const node = entry?.node
  if (node?.kind !== 'map' || node.entries.size === 0) {
    const remedy = 'write given: and below it each source or group with its rows'
    problems.push(wrong(node?.spot ?? spot, 'the case gives no rows', remedy))
    return given
  }
  for (const [name, source] of node.entries) {
    const table = tableOf(source, problems)
    if (table !== undefined) given.set(name, table)
  }
  const tables = [...given.values()]
  if (tables.length > 0 && tables.every(({ rows, file }) => file === undefined && rows?.length === 0))
    problems.push(wrong(entry?.keySpot ?? spot, 'the case gives no rows', 'a transform of nothing shows nothing'))
  return given
}

function tableOf(entry: ConfigEntry | undefined, problems: Problem[]): CaseTable | undefined {
  return entry && readTable(entry.node, entry.keySpot, problems)
}

function wordOf(node: ConfigNode | undefined, problems: Problem[], form: RegExp, what: string): string | undefined {
  if (node === undefined) return undefined
  if (node.kind === 'scalar' && typeof node.value === 'string' && form.test(node.value)) return node.value
  problems.push(wrong(node.spot, what, `such as ${form.test('skip') ? 'skip' : 'FTI_CONTRACT_VIOLATED'}`))
  return undefined
}

function wrong(spot: Spot, message: string, remedy: string): Problem {
  return { code: 'FTI_CASE_INVALID', message, remedy, spot }
}
