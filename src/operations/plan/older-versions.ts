import { relative } from 'node:path'
import type { FeatureGroup } from '../../contract/index.ts'
import type { Reader } from '../../feature/index.ts'
import type { Project } from '../../project/index.ts'
import { readContracts, readRetirement, readSnapshot, tablePath } from '../../store/index.ts'

/** A contract version that models with a tag still read once a newer one is there. */
export interface OlderVersion {
  readonly version: number
  readonly readers: readonly Reader[]
  /** SQL that feeds it from the newest version, relative to the project; null when nothing does. */
  readonly fedBy: string | null
  /** Event time of its newest value; null in static groups. */
  readonly lastValueAt: string | null
  /**
   * When nothing feeds it: the moment from which that value is too old, so that its readers see nulls; null when values
   * never get too old.
   */
  readonly nullsFrom: string | null
}

/** @param to the newest contract version, once the plan is applied */
export async function olderVersions(
  project: Pick<Project, 'store' | 'directory'>,
  group: FeatureGroup,
  to: number,
  readers: readonly Reader[],
): Promise<OlderVersion[]> {
  const contracts = await readContracts(project.store, group.name)
  const read = new Set(readers.map(({ contractVersion }) => contractVersion))
  const found: OlderVersion[] = []
  for (const version of [...read].filter((each) => each < to).sort((a, b) => a - b)) {
    // What was retired has no values any more, and is fed by nothing.
    if (await readRetirement(project.store, group.name, version)) continue
    const compat = group.compat?.find(({ contractVersion }) => contractVersion === version)
    const snapshot = await readSnapshot(tablePath(project.store, group.name, version))
    const lastValueAt = snapshot?.mark?.highWaterMark ?? null
    const maxAgeMs = contracts.findLast((published) => published.version === version)?.contract.maxAgeMs
    found.push({
      version,
      readers: readers.filter(({ contractVersion }) => contractVersion === version),
      fedBy: compat === undefined ? null : relative(project.directory, compat.path),
      lastValueAt,
      nullsFrom: compat === undefined ? tooOldFrom(lastValueAt, maxAgeMs) : null,
    })
  }
  return found
}

function tooOldFrom(lastValueAt: string | null, maxAgeMs: number | undefined): string | null {
  if (lastValueAt === null || maxAgeMs === undefined) return null
  return new Date(Date.parse(lastValueAt) + maxAgeMs).toISOString()
}
