import type { ConfigPath } from '../text/config-path.ts'

interface LaterWord {
  /** Steps of the path; `*` stands for any name or index. */
  readonly path: readonly string[]
  readonly words: readonly string[]
  /** What to write until then. */
  readonly instead: string
}

/** Keys that the design names and this version does not do. They are refused by name, never accepted and ignored. */
const laterKeys: readonly LaterWord[] = [
  {
    path: ['services', '*'],
    words: ['traffic', 'shadow'],
    instead: 'remove it; the version with the tag answers all requests',
  },
  { path: ['models', '*', 'retrain'], words: ['drift'], instead: 'remove it; use newRows or olderThan' },
  { path: ['models', '*', 'network'], words: ['module', 'exec'], instead: 'write type: mlp or type: linear' },
  {
    path: ['featureGroups', '*'],
    words: ['engine', 'partitionBy'],
    instead: 'remove it; a group runs in DuckDB and has one table without partitions',
  },
]

/** Values of that kind, by path. */
const laterValues: readonly LaterWord[] = [
  { path: ['models', '*', 'task'], words: ['multiclass', 'embedding', 'text'], instead: 'use binary or regression' },
  {
    path: ['models', '*', 'network', 'type'],
    words: ['trees', 'wideAndDeep', 'sequence', 'autoencoder', 'twoTower', 'text'],
    instead: 'use mlp or linear',
  },
  { path: ['models', '*', 'split', 'by'], words: ['group', 'stratified'], instead: 'use by: time' },
  {
    path: ['models', '*', 'transforms', '*'],
    words: ['hashing', 'embedding', 'tokens'],
    instead: 'use oneHot or vocabulary',
  },
  {
    path: ['models', '*', 'transforms', '*', '*'],
    words: ['hashing', 'embedding', 'tokens'],
    instead: 'use oneHot or vocabulary',
  },
  {
    path: ['featureGroups', '*', 'transform'],
    words: ['exec'],
    instead: 'use { sql, module }, or a source of type exec',
  },
  {
    path: ['sources', '*', 'type'],
    words: ['s3', 'kafka', 'iceberg'],
    instead: 'fetch it into a file first, or with type: exec and a program that prints its rows as NDJSON',
  },
]

/** The remedy when a key at this place belongs to a later version. */
export function laterKey(parent: ConfigPath, key: string): string | undefined {
  return find(laterKeys, parent, key)
}

/** The same for a value; `mapping` stands for any mapping. */
export function laterValue(path: ConfigPath, value: unknown): string | undefined {
  return typeof value === 'string' ? find(laterValues, path, value) : undefined
}

function find(words: readonly LaterWord[], path: ConfigPath, word: string): string | undefined {
  return words.find((later) => later.words.includes(word) && matches(later.path, path))?.instead
}

function matches(pattern: readonly string[], path: ConfigPath): boolean {
  return pattern.length === path.length && pattern.every((step, i) => step === '*' || step === String(path[i]))
}
