import { errorCatalogue, exitCode } from '../base/index.ts'

export const storeErrors = errorCatalogue({
  FTI_STORE_CONFLICT: [exitCode.conflict, 'Another process committed first; this attempt changed nothing.'],
  FTI_CONTRACT_CORRUPT: [exitCode.corrupt, 'A published contract cannot be read back.'],
  FTI_TABLE_CORRUPT: [
    exitCode.corrupt,
    'A table is not what was written: a part of its log or a checkpoint, or a data file is missing, cut or damaged.',
  ],
  FTI_TABLE_UNSUPPORTED: [exitCode.usage, 'A table uses a feature of Delta Lake that fti does not read or write.'],
  FTI_TABLE_SCHEMA: [exitCode.corrupt, 'A column of a table has another type than the contract of its group declares.'],
  FTI_CONTRACT_RETIRED: [exitCode.failed, 'A contract version was retired, so nothing reads it any more.'],
  FTI_GROUP_NEVER_RUN: [exitCode.failed, 'A feature group has no committed data yet.'],
  FTI_SNAPSHOT_UNKNOWN: [exitCode.usage, 'A table has no snapshot of that number or time.'],
  FTI_SNAPSHOT_ERASED: [
    exitCode.failed,
    'Rows of an older snapshot were erased with `fti feature forget`, so that it cannot be read any more.',
  ],
  FTI_ROWS_INVALID: [exitCode.failed, 'Rows lack a key, a time or a column, so no table can take them.'],
  FTI_DUPLICATE_KEY: [exitCode.failed, 'A batch holds different values for the same entity key and event time.'],
  FTI_SPINE_INVALID: [exitCode.usage, 'A spine lacks a column that a join needs, or holds a value that it cannot use.'],
  FTI_JOIN_INVALID: [
    exitCode.usage,
    'Two columns of a join have the same name, or a key has another type than its entity.',
  ],
  FTI_SPLIT_EMPTY: [exitCode.failed, 'A part of a training dataset would have no rows.'],
  FTI_DATASET_UNKNOWN: [exitCode.usage, 'A model has no training dataset of that id.'],
  FTI_DATASET_CORRUPT: [exitCode.corrupt, 'A training dataset is not what was written.'],
})
