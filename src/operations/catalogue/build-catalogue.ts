import { join } from 'node:path'
import { makeDirectory, replaceFile } from '../../base/index.ts'
import type { Project } from '../../project/index.ts'
import { gatherCatalogue } from './gather-catalogue.ts'
import { cataloguePage } from './page.ts'

export interface BuiltCatalogue {
  readonly file: string
  readonly groups: number
  readonly models: number
  readonly sources: number
  readonly bytes: number
}

/** Writes `index.html` into a folder: groups, features, statistics, lineage and models of a project, in one page. */
export async function buildCatalogue(project: Project, folder: string, now: Date): Promise<BuiltCatalogue> {
  const catalogue = await gatherCatalogue(project, now)
  const page = Buffer.from(cataloguePage(catalogue))
  const file = join(folder, 'index.html')
  await makeDirectory(folder)
  await replaceFile(file, page)
  const { groups, models, sources } = catalogue
  return { file, groups: groups.length, models: models.length, sources: sources.length, bytes: page.length }
}
