import { parseDuration } from '../../base/index.ts'
import type { Entity } from '../../contract/index.ts'
import { checkAggregates } from '../build/aggregates.ts'
import type { FeatureYaml, GroupYaml } from '../schema/group-schema.ts'
import type { Inspection } from '../text/inspection.ts'
import { checkValues } from './check-values.ts'

/** What a group's keys must say together. */
export function checkGroup(name: string, group: GroupYaml, entity: Entity | undefined, inspection: Inspection): void {
  const path = ['featureGroups', name]
  checkTransform(name, group, inspection)
  if (group.static) checkStatic(name, group, inspection)
  else checkTimes(name, group, inspection)
  checkColumns(name, group, entity, inspection)
  checkAggregates(name, group, inspection)
  if (group.onMissing === 'delete') checkMissing(name, group, inspection)
  if (group.incremental) checkIncremental(name, group, inspection)
  for (const [version, file] of Object.entries(group.compat ?? {}))
    checkSqlPath(file, [...path, 'compat', version], inspection)
  for (const [feature, declared] of Object.entries(group.features)) {
    checkValues(fullFeature(declared), [...path, 'features', feature], inspection)
  }
  if (Object.keys(group.features).length === 0) {
    inspection.add(
      'FTI_PROJECT_VALUE',
      [...path, 'features'],
      `${name} has no features`,
      'write a name and a type: { seats: { type: int32 } }',
    )
  }
  const { freshness } = group
  if (freshness && parseDuration(freshness.warn) > parseDuration(freshness.error)) {
    const remedy = 'let warn be the shorter of the two'
    inspection.add(
      'FTI_PROJECT_VALUE',
      [...path, 'freshness', 'warn'],
      `freshness warns after ${freshness.warn}, later than its error after ${freshness.error}`,
      remedy,
    )
  }
}

function checkTransform(name: string, { transform, features }: GroupYaml, inspection: Inspection): void {
  const path = ['featureGroups', name, 'transform']
  if (typeof transform === 'string') {
    checkSqlPath(transform, path, inspection)
    return
  }
  checkSqlPath(transform.sql, [...path, 'sql'], inspection)
  if (!isModule(transform.module)) {
    const message = `${transform.module} is not a module`
    inspection.add('FTI_PROJECT_VALUE', [...path, 'module'], message, 'write the path of a .ts, .mts, .js or .mjs file')
  }
  if (!Object.values(features).some((declared) => fullFeature(declared).aggregate)) return
  inspection.add(
    'FTI_PROJECT_CONFLICT',
    [...path, 'module'],
    `${name} has a module and aggregates`,
    'let one group make the rows with the module, and another the windows over it',
    'key',
  )
}

function isModule(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file)
}

export function checkSqlPath(file: string, path: readonly string[], inspection: Inspection): void {
  if (file.endsWith('.sql')) return
  const remedy = isModule(file)
    ? `a module makes rows of those that a SELECT gives: write { sql: <path of a .sql file>, module: ${file} }`
    : 'write the path of a .sql file with one SELECT'
  inspection.add('FTI_PROJECT_VALUE', path, `${file} is not a .sql file`, remedy)
}

function fullFeature(declared: FeatureYaml): Exclude<FeatureYaml, string> {
  return typeof declared === 'string' ? { type: declared } : declared
}

function checkStatic(name: string, group: GroupYaml, inspection: Inspection): void {
  for (const key of ['eventTime', 'availableAt', 'availableAfter', 'maxAge', 'maxFuture'] as const) {
    if (group[key] === undefined) continue
    const remedy = `remove ${key}, or remove static: true`
    inspection.add(
      'FTI_PROJECT_CONFLICT',
      ['featureGroups', name, key],
      `${name} is static, so it has no ${key}`,
      remedy,
      'key',
    )
  }
}

function checkTimes(name: string, group: GroupYaml, inspection: Inspection): void {
  const path = ['featureGroups', name]
  if (group.eventTime === undefined) {
    const remedy = 'add eventTime: <column>, or static: true when there is one value per key'
    inspection.add('FTI_PROJECT_KEY_MISSING', path, `${name} has no 'eventTime'`, remedy, 'key')
  }
  if (group.availableAt === undefined && group.availableAfter === undefined) {
    const remedy =
      'add availableAt: <column> or availableAfter: <duration>; there is no silent default, for a wrong one leaks the future'
    inspection.add('FTI_PROJECT_KEY_MISSING', path, `${name} does not say when its values are known`, remedy, 'key')
  }
  if (group.availableAt !== undefined && group.availableAfter !== undefined) {
    const message = `${name} has both 'availableAt' and 'availableAfter'`
    inspection.add(
      'FTI_PROJECT_CONFLICT',
      [...path, 'availableAfter'],
      message,
      'keep one; a column is the better witness',
      'key',
    )
  }
}

/** Declared columns are the columns of one table, whose names DuckDB compares without case. */
function checkColumns(name: string, group: GroupYaml, entity: Entity | undefined, inspection: Inspection): void {
  const path = ['featureGroups', name]
  const taken = new Map<string, string>()
  for (const key of Object.keys(entity?.key ?? {})) taken.set(key.toLowerCase(), `a key column of ${group.entity}`)
  if (group.eventTime !== undefined) {
    const clash = taken.get(group.eventTime.toLowerCase())
    if (clash)
      inspection.add(
        'FTI_PROJECT_NAME',
        [...path, 'eventTime'],
        `'${group.eventTime}' is ${clash} and the event time`,
        'name another column',
      )
    taken.set(group.eventTime.toLowerCase(), 'the event time')
  }
  if (group.deleted !== undefined) checkDeleted(name, group, group.deleted, taken, inspection)
  for (const [feature, declared] of Object.entries(group.features)) {
    const at = [...path, 'features', feature]
    const clash = taken.get(feature.toLowerCase())
    if (clash)
      inspection.add(
        'FTI_PROJECT_NAME',
        at,
        `'${feature}' is ${clash} and a feature of ${name}`,
        'give the feature another name in the SQL and here',
        'key',
      )
    taken.set(feature.toLowerCase(), 'another feature')
    checkRename(feature, fullFeature(declared), group, at, inspection)
  }
  const known = Object.entries(group.features).find(([feature]) => feature === group.availableAt)?.[1]
  if (known !== undefined && fullFeature(known).type !== 'timestamp') {
    const message = `availableAt names '${group.availableAt}', which has type ${fullFeature(known).type}`
    inspection.add('FTI_PROJECT_TYPE', [...path, 'availableAt'], message, 'name a column that holds a timestamp')
  }
}

/** What is missing is stored as a deletion, and only a group with a mark has such rows. */
function checkMissing(name: string, { deleted }: GroupYaml, inspection: Inspection): void {
  if (deleted !== undefined) return
  const remedy = 'add deleted: <boolean column of the transform>, such as one that is always false'
  const path = ['featureGroups', name, 'onMissing']
  inspection.add('FTI_PROJECT_CONFLICT', path, `onMissing: delete needs deleted in ${name}`, remedy, 'key')
}

/** A part of the rows cannot say what is missing from all of them; an interval has a length. */
function checkIncremental(name: string, { incremental, onMissing }: GroupYaml, inspection: Inspection): void {
  const path = ['featureGroups', name, 'incremental']
  if (onMissing === 'delete') {
    const message = `${name} computes only what is new, which cannot tell which keys are missing`
    inspection.add('FTI_PROJECT_CONFLICT', path, message, 'remove incremental, or remove onMissing', 'key')
  }
  const interval = incremental?.interval
  if (interval === undefined || parseDuration(interval) >= 1000) return
  const message = `an interval of ${interval} would make a commit of every moment`
  inspection.add('FTI_PROJECT_VALUE', [...path, 'interval'], message, 'write a longer one, such as 1d')
}

/** A window over rows that are gone would have to say what it counts. */
function checkDeleted(
  name: string,
  { features }: GroupYaml,
  deleted: string,
  taken: Map<string, string>,
  inspection: Inspection,
): void {
  const path = ['featureGroups', name, 'deleted']
  const clash = taken.get(deleted.toLowerCase())
  if (clash)
    inspection.add(
      'FTI_PROJECT_NAME',
      path,
      `'${deleted}' is ${clash} and the mark of what is deleted`,
      'name another column',
    )
  taken.set(deleted.toLowerCase(), 'the mark of what is deleted')
  if (Object.values(features).some((declared) => fullFeature(declared).aggregate))
    inspection.add(
      'FTI_PROJECT_CONFLICT',
      path,
      `${name} has aggregates, and rows that say what is deleted`,
      'leave deleted rows out in the SQL, or let one group keep them and another aggregate it',
      'key',
    )
}

function checkRename(
  feature: string,
  { renamedFrom }: { readonly renamedFrom?: string | undefined },
  group: GroupYaml,
  path: readonly string[],
  inspection: Inspection,
): void {
  if (renamedFrom === undefined) return
  const others = Object.entries(group.features).filter(([other]) => other !== feature)
  const isStillThere = renamedFrom === feature || others.some(([other]) => other === renamedFrom)
  if (isStillThere) {
    const message = `'${feature}' was renamed from '${renamedFrom}', which is still a feature`
    inspection.add('FTI_PROJECT_CONFLICT', [...path, 'renamedFrom'], message, 'remove renamedFrom, or the old feature')
  }
  const rival = others.find(([, other]) => fullFeature(other).renamedFrom === renamedFrom)
  if (rival && rival[0] < feature) {
    const message = `'${feature}' and '${rival[0]}' are both renamed from '${renamedFrom}'`
    inspection.add('FTI_PROJECT_CONFLICT', [...path, 'renamedFrom'], message, 'keep renamedFrom in one of them')
  }
}
