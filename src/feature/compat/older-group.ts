import { amended, FtiError, nearest } from '../../base/index.ts'
import type { CompatTransform, Contract, FeatureGroup } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { featureErrors } from '../errors.ts'
import { checkSchema } from '../transforms/check-schema.ts'

/** A group as a contract version was published then, made by its `compat` SQL and run as it is run now. */
export function olderGroup(group: FeatureGroup, { path }: CompatTransform, contract: Contract): FeatureGroup {
  const { entity, isStatic, eventTime, availability, deleted, features, maxAgeMs } = contract
  // Expectations of the whole batch were about what the old transform gave.
  const expectations = { rows: contract.expectations.rows, batch: [] }
  const transform = { ...group.transform, path, module: undefined }
  return { ...group, transform, entity, isStatic, eventTime, availability, deleted, features, maxAgeMs, expectations }
}

/** The SQL sees values alone, so it need not say of each that it is none of the deleted ones. */
export async function markedSelect(engine: Engine, { deleted }: FeatureGroup, select: string): Promise<string> {
  if (deleted === undefined) return select
  const isGiven = (await engine.describe(select)).some(({ name }) => name === deleted)
  return isGiven ? select : `SELECT *, false AS ${quoteName(deleted)} FROM (${select}\n)`
}

/** SELECT list that makes the columns of `select` those of the older version, as `checkSchema` gives it. */
export async function checkOlderSchema(
  engine: Engine,
  project: Project,
  older: FeatureGroup,
  { select, version, place }: { readonly select: string; readonly version: number; readonly place: string },
): Promise<string> {
  const given = await engine.describe(select)
  return checkSchema(project, older, given).catch((error: unknown) => {
    throw error instanceof FtiError ? asOfTheSql(error, older, version, place) : error
  })
}

/** What the SQL lacks is declared in a published contract, which no edit of the project file changes. */
function asOfTheSql(error: FtiError, { name }: FeatureGroup, version: number, place: string): FtiError {
  const { missing, given } = error.data as { readonly missing?: readonly string[]; readonly given: readonly string[] }
  const first = missing?.[0]
  if (error.code !== featureErrors.FTI_SCHEMA_MISMATCH.code || missing === undefined || first === undefined)
    return amended(error, { place })
  const near = nearest(first, given)
  return amended(error, {
    message: `${name} v${version} has ${missing.join(', ')}, which ${place} does not give`,
    place,
    remedy:
      near === undefined ? `give ${first} in its SELECT list` : `did you mean '${near}'? write: ${near} AS ${first}`,
  })
}
