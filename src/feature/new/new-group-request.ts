import type { Project } from '../../project/index.ts'
import type { Hints } from './guess-group.ts'

export interface NewGroupRequest extends Hints {
  readonly project: Project
  readonly name: string
  /** Absolute path of the data. */
  readonly from: string
  /** Of times that carry none; UTC unless given. */
  readonly timeZone?: string | undefined
  readonly owner?: string | undefined
  /** Write nothing, only say what would be written. */
  readonly dryRun: boolean
}
