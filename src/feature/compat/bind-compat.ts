import { type CompatTransform, contractOf, type FeatureGroup } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { defineEmptyGroupViews, readContracts } from '../../store/index.ts'
import { transformError } from '../transforms/transform.ts'
import { checkOlderSchema, markedSelect, olderGroup } from './older-group.ts'
import { readCompat } from './read-compat.ts'

/**
 * Binds the SQL that feeds an older contract version over the group without a row, as the project file declares it, and holds its columns
 * against the contract of that version where the store has it.
 */
export async function bindCompat(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  compat: CompatTransform,
): Promise<void> {
  const { select, place } = await readCompat(engine, project, group.name, compat)
  const contract = contractOf(group)
  await defineEmptyGroupViews(engine, contract)
  const { entity, eventTime, features } = contract
  const columns = [...Object.keys(entity.key), ...(eventTime === undefined ? [] : [eventTime])]
  await engine.describe(select.text).catch((error: unknown) => {
    const read = { place, sql: select.text, sources: [], groups: [group.name] }
    throw transformError(error, read, [...columns, ...features.map(({ name }) => name)])
  })
  const version = compat.contractVersion
  const published = (await readContracts(project.store, group.name)).findLast((each) => each.version === version)
  if (published === undefined) return
  const older = olderGroup(group, compat, published.contract)
  await checkOlderSchema(engine, project, older, {
    select: await markedSelect(engine, older, select.text),
    version,
    place,
  })
}
