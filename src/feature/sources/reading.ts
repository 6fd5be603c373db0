import type { Source } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import type { Interval } from '../incremental/interval.ts'
import type { SourceFiles } from './files/source-files.ts'

/** What a source holds at one moment, known by its digest before anyone reads the rows. */
export interface Reading {
  readonly source: Source
  /** Equal for equal content; absent while there is nothing to read, which only a source that is pushed to may say. */
  readonly digest?: string | undefined
  /** Only rows of this time were fetched; absent where all were. */
  readonly span?: Interval | undefined
  /** The content as files that the engine reads, fetched now where the digest did not need it. */
  open(): Promise<SourceFiles>
}

/** What every kind of source is given to read with. */
export interface ReadOptions {
  readonly project: Pick<Project, 'directory' | 'state'>
  /** A folder for what is fetched; gone after the run. */
  readonly folder: string
  /** Tells whoever waits why it takes so long. */
  readonly say: (text: string) => void
  /** What the run needs of a source that need not be fetched whole. */
  readonly span?: Interval | undefined
  readonly signal?: AbortSignal | undefined
}
