import type { Contract } from '../../src/contract/index.ts'
import type { Engine } from '../../src/engine/index.ts'
import { writeCheckpoint } from '../../src/store/delta/write-checkpoint.ts'
import { publishContract, readSnapshot, tablePath } from '../../src/store/index.ts'
import { optimizeTable } from '../../src/store/maintenance/optimize-table.ts'
import { delays, published, TemporaryStore } from './temporary-store.ts'

/** Every type, in the order of the rows below. */
const everyType: Contract = {
  ...delays,
  entity: { name: 'thing', key: { origin: 'string', number: 'int64' } },
  features: [
    { name: 'delay', type: 'float64', nullable: true },
    { name: 'ratio', type: 'float32', nullable: true },
    { name: 'count', type: 'int32', nullable: true },
    { name: 'flag', type: 'boolean', nullable: true },
    { name: 'day', type: 'date', nullable: true },
    { name: 'note', type: 'string', nullable: true },
    { name: 'seen', type: 'timestamp', nullable: true },
  ],
}

/** SQL of a row: a key, a day of January 2013, and values at the edges of what a table can hold, chosen by `kind`. */
export function row(origin: string, day: number, kind: 'edge' | 'null' | 'plain'): string {
  const at = `TIMESTAMPTZ '2013-01-0${day} 00:00:00.000001Z'`
  const values = {
    edge: [
      ...["'Infinity'::DOUBLE", '1.17549435e-38::FLOAT', '(-2147483648)::INTEGER', 'false', "DATE '1582-10-15'"],
      ...[
        `'it''s "quoted",' || chr(10) || '🛫' || chr(9) || 'é' || chr(0) || '\\'`,
        "TIMESTAMPTZ '9999-12-31 23:59:59.999999Z'",
      ],
    ],
    null: [
      'NULL::DOUBLE',
      'NULL::FLOAT',
      'NULL::INTEGER',
      'NULL::BOOLEAN',
      'NULL::DATE',
      'NULL::VARCHAR',
      'NULL::TIMESTAMPTZ',
    ],
    plain: [
      '0.1::DOUBLE',
      '0.5::FLOAT',
      '7::INTEGER',
      'true',
      "DATE '2013-01-31'",
      "''",
      "TIMESTAMPTZ '1900-01-01 00:00:00Z'",
    ],
  }[kind]
  const names = everyType.features.map(({ name }, index) => `${values[index]} AS "${name}"`)
  const number = kind === 'edge' ? 9007199254740993n : 1n
  return `SELECT '${origin}' AS origin, ${number}::BIGINT AS number, ${at} AS "at", ${names.join(', ')}, ${at} AS _declared_available_at`
}

export interface Table {
  readonly store: TemporaryStore
  readonly engine: Engine
  readonly path: string
}

export const contract = published(everyType)
const first = { version: 1, changes: [], class: 'first', by: 'test', now: new Date('2013-01-01T00:00:00Z') } as const

/** Three commits by fti, a checkpoint of the second, then all files joined, then one more commit. */
export async function ourTable(store = new TemporaryStore()): Promise<Table> {
  const engine = await store.engine()
  const path = tablePath(store.root, 'delays', 1)
  await publishContract(store.root, everyType, first)
  for (const [day, kind] of [
    [2, 'plain'],
    [3, 'edge'],
    [4, 'null'],
  ] as const)
    await store.commit(engine, contract, row('JFK', day, kind), `2013-01-0${day}T12:00:00Z`)
  const snapshot = await readSnapshot(path, 1)
  if (snapshot) await writeCheckpoint(engine, snapshot)
  await optimizeTable(path, { engine, now: new Date('2013-01-05T00:00:00Z') })
  await store.commit(engine, contract, row('EWR', 6, 'edge'), '2013-01-06T12:00:00Z')
  return { store, engine, path }
}
