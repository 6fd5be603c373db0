import { counted, FtiError } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import { atFile, type Engine, isInOrder, quoteName, quoteText } from '../../engine/index.ts'
import { featureErrors } from '../errors.ts'
import { type Rule, rulesOf } from './rules.ts'

export interface Violation {
  readonly rule: string
  readonly rows: number
  /** One offending row: its key, times and the columns that the rule is about; empty for a rule about the batch. */
  readonly sample: Readonly<Record<string, unknown>>
}

export interface Validation {
  readonly rows: number
  readonly violations: readonly Violation[]
  /** Relation with the rows to commit. */
  readonly accepted: string
  /** Relation with the rows to keep aside, with `_reasons`; absent when there are none. */
  readonly refused?: string | undefined
  readonly refusedRows: number
}

/**
 * Holds the rows of `table` against the group's rules and expectations.
 * One pass counts; only a batch with violations is looked at row by row. Expectations of the batch are held against
 * what would be committed.
 * @param isPart the rows are a small part of a feed, of which all may be refused without the feed being wrong
 */
export async function validateRows(
  engine: Engine,
  group: FeatureGroup,
  table: string,
  now: Date,
  place: string,
  isPart = false,
): Promise<Validation> {
  try {
    const validation = await validateEach(engine, group, table, now, place, isPart)
    const broken = await brokenConditions(engine, group, validation)
    if (broken.length > 0 && group.onInvalid !== 'warn') throw violated(group, broken, validation.rows, place)
    return { ...validation, violations: [...validation.violations, ...broken] }
  } catch (error) {
    // Only an expectation is SQL that its owner wrote.
    throw atFile(error, `featureGroups.${group.name}.expect`)
  }
}

async function validateEach(
  engine: Engine,
  group: FeatureGroup,
  table: string,
  now: Date,
  place: string,
  isPart: boolean,
): Promise<Validation> {
  const rules = await worthAsking(engine, rulesOf(group, now), table)
  const { rows, counts } = await countViolations(engine, rules, table)
  const broken = rules.filter((_rule, index) => (counts[index] ?? 0) > 0)
  if (broken.length === 0) return { rows, violations: [], accepted: table, refusedRows: 0 }
  const violations: Violation[] = []
  for (const rule of broken) {
    const sample = await sampleOf(engine, group, rule, table)
    violations.push({ rule: rule.name, rows: counts[rules.indexOf(rule)] ?? 0, sample })
  }
  const stops = group.onInvalid === 'fail' || (group.onInvalid === 'warn' && broken.some((rule) => rule.structural))
  if (stops) throw violated(group, violations, rows, place)
  if (group.onInvalid === 'warn') return { rows, violations, accepted: table, refusedRows: 0 }
  const parts = await separate(engine, broken, table)
  // A feed that is wrong as a whole is no success with an empty result.
  if (parts.refusedRows === rows && !isPart) throw violated(group, violations, rows, place)
  return { rows, violations, ...parts }
}

/** Windows sort the whole batch; rows that lie in order, or a grouping that finds no duplicate, spare them. */
async function worthAsking(engine: Engine, rules: readonly Rule[], table: string): Promise<Rule[]> {
  const asked: Rule[] = []
  for (const rule of rules) {
    if (rule.unlessUnique !== undefined) {
      if (await isInOrder(engine, table, rule.unlessUnique)) continue
      const columns = rule.unlessUnique.map(quoteName).join(', ')
      const duplicates = await engine.rows(
        `SELECT 1 AS found FROM ${table} GROUP BY ${columns} HAVING count(*) > 1 LIMIT 1`,
      )
      if (duplicates.length === 0) continue
    }
    asked.push(rule)
  }
  return asked
}

async function countViolations(engine: Engine, rules: readonly Rule[], table: string) {
  // Windows cannot stand inside an aggregate, so rules that need one are computed beside the rows first.
  const windows = rules.map((rule, index) => ({ rule, index })).filter(({ rule }) => rule.unlessUnique)
  const inner = windows.map(({ rule, index }) => `, (${rule.violated}) AS _window_${index}`).join('')
  const counts = rules.map((rule, index) =>
    rule.unlessUnique ? `count_if(_window_${index}) AS c${index}` : `count_if(${rule.violated}) AS c${index}`,
  )
  const [row] = await engine.rows<Record<string, number>>(
    `SELECT count(*) AS total, ${counts.join(', ')} FROM (SELECT *${inner} FROM ${table})`,
  )
  return { rows: Number(row?.['total'] ?? 0), counts: rules.map((_rule, index) => Number(row?.[`c${index}`] ?? 0)) }
}

async function brokenConditions(engine: Engine, group: FeatureGroup, validation: Validation): Promise<Violation[]> {
  const broken: Violation[] = []
  for (const condition of group.expectations.batch) {
    const [row] = await engine.rows<{ holds: boolean | null }>(
      `SELECT (${condition}) AS holds FROM ${validation.accepted}`,
    )
    const rows = validation.rows - validation.refusedRows
    if (row?.holds === false) broken.push({ rule: `not (${condition})`, rows, sample: {} })
  }
  return broken
}

async function sampleOf(engine: Engine, group: FeatureGroup, rule: Rule, table: string) {
  const shown = new Set([
    ...Object.keys(group.entity.key),
    ...(group.eventTime === undefined ? [] : [group.eventTime]),
    ...rule.columns,
  ])
  const filter = rule.unlessUnique ? 'QUALIFY' : 'WHERE'
  const [row] = await engine.rows<Record<string, unknown>>(
    `SELECT ${[...shown].map(quoteName).join(', ')} FROM ${table} ${filter} (${rule.violated}) LIMIT 1`,
  )
  return row ?? {}
}

async function separate(engine: Engine, broken: readonly Rule[], table: string) {
  const reasons = broken.map((rule) => `CASE WHEN (${rule.violated}) THEN ${quoteText(rule.name)} END`).join(', ')
  await engine.execute(
    `CREATE OR REPLACE TABLE _judged AS SELECT *, list_filter([${reasons}], lambda reason: reason IS NOT NULL) AS _reasons FROM ${table}`,
  )
  const [row] = await engine.rows<{ refused: number }>(`SELECT count_if(len(_reasons) > 0) AS refused FROM _judged`)
  return {
    accepted: '(SELECT * EXCLUDE (_reasons) FROM _judged WHERE len(_reasons) = 0)',
    refused: '(SELECT * FROM _judged WHERE len(_reasons) > 0)',
    refusedRows: Number(row?.refused ?? 0),
  }
}

function violated(group: FeatureGroup, violations: readonly Violation[], rows: number, place: string): FtiError {
  const lines = violations.map(({ rule, rows: count, sample }) => {
    const example = Object.keys(sample).length === 0 ? '' : `, for example ${JSON.stringify(sample)}`
    return `${count} of ${counted(rows, 'row')}: ${rule}${example}`
  })
  const remedy =
    group.onInvalid === 'quarantine'
      ? 'correct the data or the transform: what is left of the batch cannot be committed'
      : `correct the data, or set featureGroups.${group.name}.onInvalid: quarantine to commit the other rows; where the values are right, widen the rule`
  return new FtiError(featureErrors.FTI_CONTRACT_VIOLATED, {
    message: `rows of '${group.name}' break its contract; nothing was committed`,
    place,
    remedy,
    detail: lines.join('\n'),
    data: { group: group.name, rows, violations },
  })
}
