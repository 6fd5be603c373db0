import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { FtiError, isSystemError } from '../../base/index.ts'
import type { CompatTransform } from '../../contract/index.ts'
import type { Engine, SelectStatement } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { featureErrors } from '../errors.ts'

/** The SQL that feeds an older contract version of `group`: one SELECT over the group's newest rows and nothing else. */
export async function readCompat(
  engine: Engine,
  project: Pick<Project, 'directory'>,
  group: string,
  { contractVersion, path }: CompatTransform,
): Promise<{ readonly select: SelectStatement; readonly place: string }> {
  const place = relative(project.directory, path)
  const sql = await readFile(path, 'utf8').catch((error: unknown) => {
    if (!isSystemError(error, 'ENOENT', 'EISDIR')) throw error
    throw new FtiError(featureErrors.FTI_TRANSFORM_MISSING, {
      message: `the SQL that feeds ${group} v${contractVersion} does not exist: ${place}`,
      place: `featureGroups.${group}.compat.v${contractVersion}`,
      remedy: `write it over ${group}, or retire the version: fti feature retire ${group}@v${contractVersion}`,
    })
  })
  const select = await engine.inspectSelect(sql, place)
  const other = [...select.tables, ...select.tableFunctions].find((name) => name !== group)
  if (other === undefined) return { select, place }
  throw new FtiError(featureErrors.FTI_SQL_UNKNOWN_TABLE, {
    message: `${place} reads '${other}'; what feeds ${group} v${contractVersion} may read ${group} alone`,
    place,
    remedy: `read ${group}, which means the rows of its newest contract version`,
    data: { table: other, known: [group] },
  })
}
