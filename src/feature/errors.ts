import { errorCatalogue, exitCode } from '../base/index.ts'

export const featureErrors = errorCatalogue({
  FTI_GROUP_UNKNOWN: [exitCode.usage, 'No feature group has this name, neither in the project file nor in the store.'],
  FTI_SOURCE_MISSING: [
    exitCode.unreachable,
    'A source names a file, a table, an address or a program that does not exist, or a glob that matches none.',
  ],
  FTI_SOURCE_UNREACHABLE: [
    exitCode.unreachable,
    'A source cannot be reached: no connection, no answer in time, or a server that goes on failing.',
  ],
  FTI_SOURCE_DENIED: [exitCode.unreachable, 'A source refuses access: a password, a token or a right is missing.'],
  FTI_SOURCE_COMMAND: [exitCode.unreachable, 'The program of a source could not be run, failed or took too long.'],
  FTI_SOURCE_CLIENT_MISSING: [
    exitCode.unreachable,
    'The optional package that reads this kind of source is not installed.',
  ],
  FTI_SOURCE_EMPTY: [exitCode.failed, 'The files of a source hold no rows.'],
  FTI_SOURCE_UNREADABLE: [
    exitCode.failed,
    'A source file cannot be read as declared: type, columns, quoting or encoding.',
  ],
  FTI_SOURCE_COLUMN_MISSING: [
    exitCode.failed,
    'A source file lacks a column that its other files have, or for which a type is declared.',
  ],
  FTI_SOURCE_CHANGED: [exitCode.failed, 'A source file changed while it was read.'],
  FTI_TIME_ZONE_MISSING: [exitCode.failed, 'A time names no zone, and its source does not say which is meant.'],
  FTI_TRANSFORM_MISSING: [exitCode.usage, 'The SQL file of a feature group does not exist.'],
  FTI_SQL_UNKNOWN_TABLE: [exitCode.usage, 'SQL reads a table that is neither a source nor a feature group.'],
  FTI_SQL_UNKNOWN_COLUMN: [
    exitCode.failed,
    'SQL reads a column that none of its tables has: a mistyped name, or a source that changed.',
  ],
  FTI_AGGREGATE_COLUMN: [exitCode.usage, 'An aggregate reads a column that the transform of its group does not give.'],
  FTI_SQL_READS_FILES: [exitCode.usage, 'SQL reads a file by itself instead of through a declared source.'],
  FTI_TRANSFORM_EMPTY: [exitCode.failed, 'A transform gave no rows.'],
  FTI_SCHEMA_MISMATCH: [exitCode.failed, 'The columns that a transform gives are not those of the contract.'],
  FTI_CONTRACT_VIOLATED: [exitCode.failed, 'Rows break the contract of their feature group; nothing was committed.'],
  FTI_CONTRACT_BREAKING: [
    exitCode.pending,
    'The project file changes a published contract in a way that breaks its readers; it must be applied first.',
  ],
  FTI_AFTER_COMMIT: [
    exitCode.failed,
    'Rows were committed, and then their profile or their copy in the online store failed for an unknown reason.',
  ],
  FTI_TRANSFORM_CHANGED: [
    exitCode.pending,
    'A transform was edited under the same schema, and what that means must be applied first.',
  ],
  FTI_INCREMENTAL_COLUMN: [
    exitCode.usage,
    'The column of `incremental` is none that the transform gives, or holds no time.',
  ],
  FTI_NOT_INCREMENTAL: [exitCode.usage, 'A range of time was asked of a feature group that is not incremental.'],
  FTI_INTERVAL_INVALID: [exitCode.usage, 'A range of time on the command line is empty, or reaches into the future.'],
  FTI_COVERAGE_CHANGED: [
    exitCode.failed,
    'Another run changed what is covered of a feature group while its source was read; nothing was committed.',
  ],
  FTI_UPSTREAM_FAILED: [exitCode.failed, 'A feature group was not run because one that it reads failed.'],
  FTI_SNAPSHOTS_DIFFER: [exitCode.usage, 'Two snapshots to compare are not of the same feature group.'],
  FTI_RETIRE_REFUSED: [exitCode.failed, 'A contract version was not retired, for something still reads or feeds it.'],
  FTI_GROUP_PARTIAL: [
    exitCode.usage,
    'A group that must see all rows, for its missing keys or its windows, reads rows that are never all: pushed ones, or those that a source fetches by time.',
  ],
  FTI_PUSH_UNEXPECTED: [exitCode.usage, 'Rows were pushed to a feature group that reads no push source, or several.'],
  FTI_GROUP_EXISTS: [exitCode.usage, 'A new feature group needs a name and a file that are not taken.'],
  FTI_GROUP_NOT_GUESSED: [
    exitCode.usage,
    'Key, event time or features of a new group cannot be told from its data, or it has no column of that name.',
  ],
  FTI_CASE_INPUT: [
    exitCode.usage,
    'A test case gives or expects what its feature group does not have, or leaves out what the transform reads.',
  ],
  FTI_CASE_EXISTS: [exitCode.usage, 'A new test case needs a name that is not taken.'],
  FTI_CASE_NO_ROWS: [exitCode.failed, 'There are no rows to make a test case of.'],
  FTI_CASES_MISSING: [exitCode.failed, 'A feature group was to be tested and has no test case.'],
  FTI_KEY_INVALID: [exitCode.usage, 'An entity key on the command line does not fit the feature group.'],
})
