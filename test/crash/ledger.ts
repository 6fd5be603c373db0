import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../../src/engine/index.ts'
import { openGroup } from '../../src/store/index.ts'

/** Rows that tell by themselves whether all of their batch are there: each says how many it has, and what they sum to. */
export interface Batch {
  readonly name: string
  readonly values: readonly number[]
}

export const groups = ['pushed', 'filed'] as const
type Group = (typeof groups)[number]

const columns = { id: 'string', at: 'timestamp', batch: 'string', size: 'int32', total: 'int32', value: 'int32' }

/** A project with a group to push to and one that reads a file, whose rows are batches. */
export class Ledger {
  /** Everything lies in here, so that one engine may read it all. */
  readonly folder: string
  readonly directory: string
  readonly store: string

  private constructor(folder: string) {
    this.folder = folder
    this.directory = join(folder, 'ledger')
    this.store = join(this.directory, 'store')
  }

  static async make(): Promise<Ledger> {
    const ledger = new Ledger(await mkdtemp(join(tmpdir(), 'fti-ledger-')))
    for (const name of ['features', 'data']) await mkdir(join(ledger.directory, name), { recursive: true })
    const { id, at: _, ...features } = columns
    const group = (name: Group) => ({
      entity: 'entry',
      transform: `features/${name}.sql`,
      eventTime: 'at',
      availableAt: 'at',
      features,
    })
    const config = {
      project: 'ledger',
      sources: {
        pushes: { type: 'push', types: columns },
        files: { type: 'csv', path: 'data/filed.csv', types: columns },
      },
      entities: { entry: { key: { id } } },
      featureGroups: { pushed: group('pushed'), filed: group('filed') },
    }
    // JSON is YAML.
    await writeFile(join(ledger.directory, 'fti.config.yaml'), JSON.stringify(config))
    await writeFile(join(ledger.directory, 'features/pushed.sql'), 'SELECT * FROM pushes')
    await writeFile(join(ledger.directory, 'features/filed.sql'), 'SELECT * FROM files')
    await writeFile(join(ledger.directory, 'data/filed.csv'), `${Object.keys(columns)}\n`)
    return ledger
  }

  /** Adds a batch to the file that a group reads. */
  async file(batch: Batch): Promise<void> {
    const lines = rowsOf(batch).map((row) => `${Object.values(row).join(',')}\n`)
    await appendFile(join(this.directory, 'data/filed.csv'), lines.join(''))
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }
}

function rowsOf({ name, values }: Batch): object[] {
  const total = values.reduce((sum, value) => sum + value, 0)
  return values.map((value, n) => {
    const at = new Date(Date.UTC(2025, 0, 1, 0, 0, n)).toISOString()
    return { id: `${name}-${n}`, at, batch: name, size: values.length, total, value }
  })
}

/** What is pushed. */
export function linesOf(batch: Batch): string {
  return rowsOf(batch)
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('')
}

/** What a reader finds in one version of a group. */
export interface Page {
  readonly version: number
  readonly batches: ReadonlySet<string>
  readonly rows: number
  /** Batches of which rows are missing. */
  readonly torn: readonly string[]
  /** Rows that are there more than once. */
  readonly duplicated: number
}

/** Reads a group as fti does; undefined before its first commit. */
export async function readPage(engine: Engine, store: string, group: Group): Promise<Page | undefined> {
  const view = await openGroup(store, group).catch((error: { code?: string }) => {
    if (error.code === 'FTI_GROUP_NEVER_RUN') return undefined
    throw error
  })
  return view && pageOf(engine, view.snapshot.version, view.raw)
}

export async function pageOf(engine: Engine, version: number, relation: string): Promise<Page> {
  const found = await engine.rows<{ batch: string; rows: number; ids: number; whole: boolean }>(
    `SELECT batch, count(*)::INT AS rows, count(DISTINCT id)::INT AS ids,
       count(DISTINCT id) = max(size) AND (count(*) > count(DISTINCT id) OR sum(value) = max(total)) AS whole
     FROM (${relation}) GROUP BY batch`,
  )
  const sum = (of: (each: (typeof found)[number]) => number) => found.reduce((total, each) => total + of(each), 0)
  return {
    version,
    batches: new Set(found.map(({ batch }) => batch)),
    rows: sum(({ rows }) => rows),
    torn: found.filter(({ whole }) => !whole).map(({ batch }) => batch),
    duplicated: sum(({ rows, ids }) => rows - ids),
  }
}
