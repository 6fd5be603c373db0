import type { Value } from '../contract/index.ts'
import type { SyncState } from './sync-state.ts'
import type { OnlineValue } from './value.ts'

/** Reads while syncs go on in this and other processes; never writes. */
export interface OnlineReader {
  /**
   * The values of all these keys, each group's of one sync. A server is asked in one round trip, within the reader's budget;
   * the embedded store is mapped into memory, so it answers at once, without asking which keys are wanted, and until the next fetch.
   * Errors: FTI_ONLINE_UNREACHABLE, FTI_ONLINE_SLOW, FTI_ONLINE_CORRUPT.
   */
  fetch(wants: () => readonly OnlineWant[]): OnlineValues | Promise<OnlineValues>
  /** Why values cannot be had now, in one sentence; undefined when all is well. */
  trouble(): string | undefined
  close(): Promise<void>
}

/** Keys of one group and contract version; none when only its state is asked for. */
export interface OnlineWant {
  readonly group: string
  readonly contractVersion: number
  /** Each in the order of the contract's key columns; timestamps and int64 in the one form that `Value` describes. */
  readonly keys: readonly (readonly Value[])[]
}

/** Values that are at hand: nothing here waits. */
export interface OnlineValues {
  /** The newest value of a key, or undefined when the key, or any sync of the group, is absent. */
  get(group: string, contractVersion: number, key: readonly Value[]): OnlineValue | undefined
  /** What the last sync left; undefined when there was none. The same object until the next sync. */
  state(group: string, contractVersion: number): SyncState | undefined
}

export interface ReaderOptions {
  /**
   * Called when the store cannot be read, once until it can be again: then the reader goes on with what it has, or with none.
   * Without it the embedded reader throws where it has no values.
   */
  readonly onTrouble?: ((error: unknown) => void) | undefined
  /** Called when a server that was in trouble answers again. */
  readonly onBack?: (() => void) | undefined
  /** How long one fetch may wait for a server. A command has patience: half a minute unless given. */
  readonly budgetMs?: number | undefined
}
