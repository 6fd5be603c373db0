// Reached only by dynamic import (see word-schema.ts).
import { z } from 'zod'
import { fileTypes, sourceTypes } from '../../contract/index.ts'
import { retrySchema } from './group-schema.ts'
import {
  amount,
  choice,
  column,
  count,
  duration,
  flag,
  list,
  nonEmptyList,
  section,
  table,
  text,
  valueType,
} from './word-schema.ts'

const types = () =>
  table(column(), valueType()).optional().describe('Types of columns that should not be sniffed from the data.')

const timeZone = () =>
  text('an IANA time zone such as America/New_York')
    .optional()
    .describe('Zone of timestamps that carry none. Without it such a timestamp is an error.')

const textForm = {
  nulls: list(z.string({ error: 'text' }), 'a list of texts')
    .optional()
    .describe('Texts that mean null, such as NA. csv only.'),
  delimiter: text('one character')
    .max(1, { error: 'one character' })
    .optional()
    .describe('Field separator; csv only. Default: a comma.'),
  encoding: choice(['utf-8', 'latin-1']).optional().describe('Character encoding; csv only. Default: utf-8.'),
}

const files = section({
  type: choice(fileTypes).describe('Format of the files.'),
  path: text('a path or a glob').describe(
    'File or glob, relative to the project file. Files ending in .gz are decompressed (csv, json, ndjson).',
  ),
  types: types(),
  timeZone: timeZone(),
  ...textForm,
}).meta({
  examples: [
    {
      type: 'csv',
      path: 'data/weather-*.csv.gz',
      types: { station: 'string' },
      timeZone: 'America/New_York',
      nulls: ['NA', ''],
      delimiter: ';',
      encoding: 'latin-1',
    },
  ],
})

const pagingSchema = section({
  next: text('a dotted path such as links.next')
    .optional()
    .describe('Where in a JSON answer the URL of the next page stands.'),
  linkHeader: flag().optional().describe('The URL of the next page stands in the header Link, as rel="next".'),
  cursor: text('a dotted path such as meta.cursor')
    .optional()
    .describe('Where in a JSON answer the cursor stands that asks for the next page.'),
  page: text('the name of a parameter').optional().describe('Parameter that counts the pages, up to one without rows.'),
  parameter: text().optional().describe('Parameter that sends the cursor. Default: cursor.'),
  first: count(0, 1_000_000).optional().describe('Number of the first page. Default: 1.'),
}).meta({
  examples: [
    { next: 'links.next' },
    { linkHeader: true },
    { cursor: 'meta.cursor', parameter: 'after' },
    { page: 'page', first: 0 },
  ],
})

const http = section({
  type: z.literal('http').describe('What an address answers.'),
  url: text('a URL').describe('Address, http:// or https://, with the parameters of the first page.'),
  format: choice(['json', 'ndjson', 'csv']).optional().describe('Format of the answer. Default: json.'),
  records: text('a dotted path such as data.items')
    .optional()
    .describe('Where in a JSON answer the list of rows stands. Default: the answer is the list.'),
  headers: table(text(), text())
    .optional()
    .describe('Request headers. One that holds a secret takes it from the environment.'),
  paging: pagingSchema.optional().describe('How the next page is found. Default: there is one page.'),
  maxPages: count(1, 1_000_000).optional().describe('More pages than this are an error. Default: 10000.'),
  retry: retrySchema.optional().describe('What to do when the server fails or is busy. Default: 5 times, from 1s on.'),
  requestsPerSecond: amount(0.001, 1000).optional().describe('Never ask more often. Default: as fast as it answers.'),
  timeout: duration().optional().describe('A request fails after so long without a byte. Default: 30s.'),
  types: types(),
  timeZone: timeZone(),
  ...textForm,
}).meta({
  examples: [
    {
      type: 'http',
      url: 'https://api.example.org/rentals?limit=500',
      format: 'json',
      records: 'data.items',
      headers: { authorization: `Bearer \${env:API_TOKEN}` },
      maxPages: 200,
      requestsPerSecond: 2,
      timeout: '10s',
      types: { station: 'string' },
      timeZone: 'UTC',
    },
    {
      type: 'http',
      url: 'https://example.org/rentals.csv',
      format: 'csv',
      nulls: ['NA'],
      delimiter: ';',
      encoding: 'latin-1',
    },
  ],
})

const tableOrQuery = {
  table: text('the name of a table').optional().describe('Table or view, read whole. This or query.'),
  query: text('a SELECT').optional().describe('One SELECT in the language of that database. This or table.'),
}

const postgres = section({
  type: z.literal('postgres').describe('A table or a query of PostgreSQL.'),
  url: text('a URL').describe('postgres://USER@HOST:PORT/DATABASE, with ?sslmode=verify-full for TLS.'),
  password: text().optional().describe(`Taken from the environment: \${env:NAME}.`),
  ...tableOrQuery,
  incremental: section({
    column: column().describe('Time of a row, from which the `incremental` column of its groups is made.'),
    history: duration()
      .optional()
      .describe('How much older the rows are that transforms need beside the new ones. Default: 0s.'),
  })
    .meta({ examples: [{ column: 'booked_at', history: '1d' }] })
    .optional()
    .describe('Fetch only rows that are new to the groups that read it. Default: all rows.'),
  timeout: duration().optional().describe('Reading may take so long. Default: 10m.'),
  types: types(),
  timeZone: timeZone(),
}).meta({
  examples: [
    {
      type: 'postgres',
      url: 'postgres://reader@db.example.org:5432/bookings',
      password: `\${env:BOOKINGS_PASSWORD}`,
      table: 'public.bookings',
      timeout: '5m',
      types: { amount: 'float64' },
      timeZone: 'UTC',
    },
    { type: 'postgres', url: 'postgres://reader@127.0.0.1/bookings', query: 'SELECT * FROM bookings WHERE paid' },
  ],
})

const sqlite = section({
  type: z.literal('sqlite').describe('A table or a query of an SQLite file.'),
  path: text('a path').describe('Database file, relative to the project file.'),
  ...tableOrQuery,
  types: types(),
  timeZone: timeZone(),
}).meta({
  examples: [
    { type: 'sqlite', path: 'data/shop.db', table: 'orders', types: { paid: 'boolean' }, timeZone: 'UTC' },
    { type: 'sqlite', path: 'data/shop.db', query: 'SELECT * FROM orders WHERE paid = 1' },
  ],
})

const documents = section({
  type: z.literal('documents').describe('A folder of texts: columns path, title, text, modified.'),
  path: text('a path').describe('Folder, relative to the project file; folders in it are read too.'),
  extensions: nonEmptyList(text())
    .optional()
    .describe('Endings of the files that are documents. Default: md, markdown and txt.'),
}).meta({ examples: [{ type: 'documents', path: 'data/manuals', extensions: ['md', 'txt'] }] })

const delta = section({
  type: z.literal('delta').describe('A Delta table that another engine writes.'),
  path: text('a path').describe('Folder of the table, relative to the project file.'),
  types: types(),
  timeZone: timeZone(),
}).meta({ examples: [{ type: 'delta', path: '../lake/bookings', types: { amount: 'float64' }, timeZone: 'UTC' }] })

const exec = section({
  type: z.literal('exec').describe('What a program writes to its standard output.'),
  command: nonEmptyList(text(), 'a list: the program and its arguments').describe(
    'Program and arguments, run in the folder of the project file; no shell reads them.',
  ),
  output: choice(['ndjson', 'parquet']).optional().describe('Format of its output. Default: ndjson.'),
  timeout: duration().optional().describe('It is ended after so long. Default: 10m.'),
  types: types(),
  timeZone: timeZone(),
}).meta({
  examples: [
    {
      type: 'exec',
      command: ['python3', 'tools/export.py', '--all'],
      output: 'ndjson',
      timeout: '2m',
      types: { station: 'string' },
      timeZone: 'UTC',
    },
  ],
})

const push = section({
  type: z.literal('push').describe('Rows that are handed to `fti feature push`.'),
  types: table(column(), valueType()).describe('The columns of a row, with their types.'),
  timeZone: timeZone(),
}).meta({
  examples: [
    { type: 'push', types: { station: 'string', measured_at: 'timestamp', level: 'float64' }, timeZone: 'UTC' },
  ],
})

export const sourceSchema = z.discriminatedUnion(
  'type',
  [files, http, postgres, sqlite, documents, delta, exec, push],
  { error: (issue) => (issue.code === 'invalid_union' ? `one of ${sourceTypes.join(', ')}` : 'a mapping') },
)

export type SourceYaml = z.output<typeof sourceSchema>
export type SourceYamlOf<Type extends SourceYaml['type']> = Extract<SourceYaml, { readonly type: Type }>
