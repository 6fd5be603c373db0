import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { withCleanUp } from '../../base/index.ts'
import { type Engine, openEngine } from '../../engine/index.ts'
import type { FeatureCase } from '../../project/index.ts'

/** Where a case runs: a folder of its own and an engine that reaches that folder and the case's files, and neither store nor state. */
export interface CaseRoom {
  readonly engine: Engine
  readonly folder: string
}

/** Does something in a room for one case, and leaves nothing of it. */
export async function inCaseRoom<T>(
  tables: Pick<FeatureCase, 'given' | 'expect' | 'refused'>,
  work: (room: CaseRoom) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fti-case-'))
  const files = [...tables.given.values(), tables.expect, tables.refused].flatMap((table) => table?.file ?? [])
  const inRoom = async () => {
    const engine = await openEngine({
      tempDirectory: folder,
      allowedDirectories: [folder, ...files.map(({ path }) => dirname(path))],
    })
    return withCleanUp(
      () => work({ engine, folder }),
      () => engine.close(),
    )
  }
  return withCleanUp(inRoom, () => rm(folder, { recursive: true, force: true }))
}
