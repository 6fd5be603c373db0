import type { TaskReporter } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import type { RunExtent } from '../incremental/plan-intervals.ts'
import type { Intake } from '../sources/intake.ts'

/** What a run of one group is given. */
export interface GroupRunOptions {
  /** Reads what fti itself wrote. The project's SQL gets an engine of its own, and only when there is work. */
  readonly engine: Engine
  readonly project: Project
  readonly group: FeatureGroup
  readonly intake: Intake
  readonly extent: RunExtent
  readonly runId: string
  readonly clock: () => Date
  readonly by: string
  readonly command: string
  readonly task: TaskReporter
  /** What is pushed is a small part of a feed, of which the contract may refuse all. */
  readonly isPart?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}
