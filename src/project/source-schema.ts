// Reached only by dynamic import (see word-schema.ts).
import { z } from 'zod'
import { sourceTypes } from '../contract/index.ts'
import { choice, column, list, section, table, text, valueType } from './word-schema.ts'

export const sourceSchema = section({
  type: choice(sourceTypes).describe('Format of the files.'),
  path: text('a path or a glob').describe(
    'File or glob, relative to the project file. Files ending in .gz are decompressed (csv, json, ndjson).',
  ),
  nulls: list(z.string({ error: 'text' }), 'a list of texts')
    .optional()
    .describe('Texts that mean null, such as NA. csv only.'),
  types: table(column(), valueType()).optional().describe('Types of columns that should not be sniffed from the data.'),
  timeZone: text('an IANA time zone such as America/New_York')
    .optional()
    .describe('Zone of timestamps that carry none. Without it such a timestamp is an error.'),
  delimiter: text('one character')
    .max(1, { error: 'one character' })
    .optional()
    .describe('Field separator; csv only. Default: a comma.'),
  encoding: choice(['utf-8', 'latin-1']).optional().describe('Character encoding; csv only. Default: utf-8.'),
})

export type SourceYaml = z.output<typeof sourceSchema>
