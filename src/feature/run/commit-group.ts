import type { Engine } from '../../engine/index.ts'
import type { PublishedContract } from '../../store/index.ts'
import { beginTable, type CommitResult, commitRows, type SourceColumns, writeQuarantine } from '../../store/index.ts'
import type { Validation } from '../contract/validate.ts'
import { type Computed, recordComputed } from '../incremental/ledger.ts'
import { declaredAvailability } from '../transforms/availability.ts'
import { checkedTable } from '../transforms/inputs.ts'
import type { GroupRunOptions } from './group-run-options.ts'
import { withoutKept } from './kept-values.ts'
import { numberColumn, numberedTable } from './make-rows.ts'
import { withMissingKeys } from './missing-keys.ts'
import type { PreparedGroup } from './prepare-group.ts'

export interface RowsOfGroup {
  readonly published: PublishedContract
  readonly validation: Validation
  /** The rows are all that the transform gave. */
  readonly isOutput: boolean
  readonly columns: SourceColumns
  readonly now: Date
  /** What is covered once the rows are in; absent in groups that go over all rows. */
  readonly computed?: Computed | undefined
}

export interface CommittedRows extends CommitResult {
  /** Rows of the contract version before that the table began with. */
  readonly inherited: number
}

/** Commits rows that were held against the contract, and sets aside those that it refused. */
export async function commitGroup(
  engine: Engine,
  { project, group, runId, clock, command, signal }: GroupRunOptions,
  { digest: inputDigest, incremental }: PreparedGroup,
  { published, validation, isOutput, columns: sourceColumns, now, computed }: RowsOfGroup,
): Promise<CommittedRows> {
  const root = project.store
  const { refused } = validation
  if (refused !== undefined)
    await writeQuarantine({ engine, root, group: group.name, refused, inputDigest, runId, now, signal })
  const inherited = await beginTable({ engine, root, contract: published, runId, clock, signal })
  const isWhole = group.onMissing === 'delete'
  const accepted = await withoutKept(engine, root, published, validation.accepted)
  // Rows of which none was left out or added lie in a table already.
  const isAll = isOutput && accepted === checkedTable && !isWhole
  const rows = `(SELECT *, ${declaredAvailability(group)} AS _declared_available_at FROM ${isAll ? numberedTable : accepted})`
  const basis = incremental?.basis
  const covering = validation.accepted
  const result = await commitRows({
    engine,
    root,
    contract: published,
    candidate: isWhole
      ? await withMissingKeys(root, published, { accepted: rows, given: checkedTable, covering })
      : rows,
    rowid: isAll ? numberColumn : undefined,
    inputDigest,
    runId,
    sourceColumns,
    ledger: basis && computed ? (before) => recordComputed(before, basis, computed) : undefined,
    clock,
    command,
    signal,
  })
  return { ...result, inherited }
}
